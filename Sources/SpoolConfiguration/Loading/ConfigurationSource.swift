/// The text of one configuration file.
package struct ConfigurationSource: Sendable, Hashable {
    /// As complaints name it.
    package var file: String
    package var text: String

    package init(file: String, text: String) {
        self.file = file
        self.text = text
    }
}

/// A configuration without errors, and what is probably not meant in it.
package struct LoadedConfiguration: Sendable, Hashable {
    package var configuration: Configuration
    package var warnings: [Complaint]
}

extension Configuration {
    /// Reads a configuration from its texts, the main file first and the drop-ins in their order.
    ///
    /// Maps are merged key by key, `spools` lists are joined, and of any other value given in several files the last stands. A key given twice in one
    /// file is an error.
    ///
    /// - Throws: every complaint there is, not only the first.
    package static func load(_ sources: [ConfigurationSource]) throws(ConfigurationError) -> LoadedConfiguration {
        var complaints = Complaints()
        var root: YAMLNode?
        for source in sources {
            guard let node = YAMLReader.read(source.text, file: source.file, complaints: &complaints) else { continue }
            guard case .mapping = node.content else {
                complaints.error("found \(node.shown), a configuration is a map of keys", at: node.location)
                continue
            }
            root = root?.merged(with: node) ?? node
        }
        let files = sources.map(\.file)
        // Without a root every key would be missing, which says less than why there is none.
        if root == nil, complaints.hasErrors { throw ConfigurationError(complaints: complaints.sorted(files: files)) }
        let start = SourceLocation(file: files.first ?? "configuration", line: 1, column: 1)
        let configuration = read(root ?? YAMLNode(content: .mapping([]), location: start), &complaints)
        guard let configuration, !complaints.hasErrors else { throw ConfigurationError(complaints: complaints.sorted(files: files)) }
        return LoadedConfiguration(configuration: configuration, warnings: complaints.sorted(files: files))
    }
}
