/// The reference page of the configuration, written from the keys that the parser reads.
package enum ConfigurationReference {
    /// Markdown: a section for each map of keys, a row for each key.
    package static func markdown() -> String {
        var page = """
            # Configuration

            `kusto-spool.yaml`, and every `*.yaml` in `conf.d` beside it, in the order of their names. Maps are merged key by key, `spools` lists are joined, and of
            any other value given in several files the last stands. A key given twice in one file, an unknown key and a bad value are errors;
            `kusto-spool check-config` shows all of them, each with file, line and column.

            Durations are whole numbers with a unit (\(Units.durations.map { "`\($0.unit)`" }.joined(separator: ", "))), sizes too (\
            \(Units.sizes.map { "`\($0.unit)`" }.joined(separator: ", "))). Secrets never stand here: `credential:NAME` is a file in `$CREDENTIALS_DIRECTORY`
            (systemd's `LoadCredential=`), an absolute path any other file.

            This page is generated from the table of keys that the parser uses.

            """
        write(Configuration.section, to: &page)
        return page
    }

    private static func write(_ section: SectionDescription, to page: inout String) {
        page += "\n## \(section.path.isEmpty ? "Top level" : "`\(section.path)`")\n\n\(section.text)\n\n"
        page += "| key | allowed | default | |\n|---|---|---|---|\n"
        for key in section.keys {
            let absent =
                switch key.presence {
                case .required: "required"
                case .optional: "none"
                case .defaulted("{}"): "its keys' defaults"
                case .defaulted("[]"): key.name == "spools" ? "at least one" : "empty"
                case .defaulted(let text): "`\(text)`"
                }
            page += "| `\(key.name)` | \(escaped(key.allowed)) | \(absent) | \(escaped(key.text)) |\n"
        }
        for key in section.keys { if let nested = key.section { write(nested, to: &page) } }
    }

    /// A bar would end the cell, and `<cluster>` would be taken for HTML.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            if character == "|" || character == "<" { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }
}
