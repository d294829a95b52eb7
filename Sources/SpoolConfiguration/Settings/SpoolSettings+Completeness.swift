extension SpoolSettings.Completeness {
    private static let quiet = ConfigurationKey<Duration>.duration(
        "quiet", in: .seconds(1) ... .seconds(86_400), default: "10 s",
        "A file that was neither renamed in nor closed after writing is complete when it has not changed for this long. Writers flush more often than that."
    )

    private static let marker = ConfigurationKey<String>.scalar(
        "marker", allowed: "a suffix without '/', such as .done", .optional,
        "A file is complete when another of its name with this suffix stands beside it, and only then. In place of `quiet`.", read: suffix)

    static let key = ConfigurationKey<SpoolSettings.Completeness>.section(
        "complete", SectionDescription("spools[].complete", "When a file counts as complete.", [quiet.description, marker.description])
    ) { reader in
        let quiet = reader.read(quiet)
        let marker = reader.read(marker)
        if reader.isGiven("marker") {
            if reader.isGiven("quiet") { reader.error("quiet", "is not used with marker; give one of the two") }
            return marker.map { .marker($0) }
        }
        return quiet.map { .quiet($0) }
    }

    private static func suffix(_ text: String) -> String? {
        !text.isEmpty && text.utf8.count <= 32 && !text.contains("/") && !text.utf8.contains(0) ? text : nil
    }
}
