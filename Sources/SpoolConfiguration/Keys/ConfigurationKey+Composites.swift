/// The kinds of value that are made of others.
extension ConfigurationKey {
    /// A list whose elements are read alike. One scalar alone is a complaint too: a forgotten dash should be seen.
    static func list<Element: Sendable>(
        _ name: String, of element: ConfigurationKey<Element>, _ presence: KeyDescription.Presence, _ text: String
    ) -> ConfigurationKey where Value == [Element] {
        ConfigurationKey(
            description: KeyDescription(
                name, allowed: "a list, each \(element.description.allowed)", presence: presence, text: text,
                section: element.description.section)
        ) { node, context, complaints in
            guard case .sequence(let nodes) = node.content else {
                complaints.error("\(context.path): found \(node.shown), allowed is a list (lines that begin with '- ')", at: node.location)
                return nil
            }
            var values: [Element] = []
            for (index, node) in nodes.enumerated() {
                if let value = element.parse(node, ValueContext(path: "\(context.path)[\(index)]"), &complaints) { values.append(value) }
            }
            return values
        }
    }

    /// A map of keys, read by `decode`. Absent, it is read as an empty one, so that its keys' defaults hold; or not at all, where it is optional.
    static func section(
        _ name: String, _ section: SectionDescription, required isRequired: Bool = false, optional isOptional: Bool = false,
        decode: @escaping @Sendable (inout SectionReader) -> Value?
    ) -> ConfigurationKey {
        ConfigurationKey(
            description: KeyDescription(
                name, allowed: "a map of keys", presence: isRequired ? .required : isOptional ? .optional : .defaulted("{}"),
                text: section.text, section: section)
        ) { node, context, complaints in
            guard case .mapping(let entries) = node.content else {
                complaints.error("\(context.path): found \(node.shown), allowed is a map of keys", at: node.location)
                return nil
            }
            var reader = SectionReader(section, entries: entries, location: node.location, path: context.path, complaints: complaints)
            let value = decode(&reader)
            reader.checkThatAllWasAsked()
            reader.complainOfUnknownKeys()
            complaints = reader.complaints
            return value
        }
    }
}
