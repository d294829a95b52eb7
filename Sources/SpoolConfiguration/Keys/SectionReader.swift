/// Reads the keys of one map, and remembers which it was asked for.
struct SectionReader {
    private let section: SectionDescription
    private let entries: [YAMLEntry]
    private let path: String
    private var asked: Set<String> = []
    /// Where the map begins.
    let location: SourceLocation
    var complaints: Complaints

    init(_ section: SectionDescription, entries: [YAMLEntry], location: SourceLocation, path: String, complaints: Complaints) {
        self.section = section
        self.entries = entries
        self.location = location
        self.path = path
        self.complaints = complaints
    }

    /// The value of a key, its default where it is absent; nil where it is absent without a default, or was complained of.
    mutating func read<Value>(_ key: ConfigurationKey<Value>) -> Value? {
        let name = key.description.name
        precondition(section.keys.contains { $0.name == name }, "\(section.path) does not describe the key \(name) that is read from it")
        asked.insert(name)
        if let entry = entry(name) {
            return key.parse(entry.value, ValueContext(path: address(name)), &complaints)
        }
        switch key.description.presence {
        case .optional: return nil
        case .required:
            complaints.error("\(address(name)) is missing; it takes \(key.description.allowed)", at: location)
            return nil
        case .defaulted(let text):
            let content: YAMLNode.Content =
                switch text {
                case "{}": .mapping([])
                case "[]": .sequence([])
                default: .scalar(text, isPlain: true)
                }
            return key.parse(YAMLNode(content: content, location: location), ValueContext(path: address(name)), &complaints)
        }
    }

    /// Whether the key is written down.
    func isGiven(_ name: String) -> Bool { entry(name) != nil }

    /// The place of a key's value; of the map where it is absent.
    func location(of name: String) -> SourceLocation { entry(name)?.value.location ?? location }

    /// The place of a value within a map of keys; of the map where it is absent.
    func location(of name: String, _ nested: String) -> SourceLocation {
        guard let entry = entry(name), case .mapping(let entries) = entry.value.content else { return location(of: name) }
        return entries.last { $0.key == nested }?.value.location ?? entry.value.location
    }

    /// `spools[0].report`, as an operator would say it.
    func address(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// Adds an error about a key's value.
    mutating func error(_ name: String, _ message: String) {
        complaints.error("\(address(name)): \(message)", at: location(of: name))
    }

    /// Adds a warning about a key's value.
    mutating func warning(_ name: String, _ message: String) {
        complaints.warning("\(address(name)): \(message)", at: location(of: name))
    }

    /// Complains of each key that the section does not describe.
    mutating func complainOfUnknownKeys() {
        let names = section.keys.map(\.name)
        for entry in entries {
            if names.contains(entry.key) { continue }
            var message = "\(address(entry.key)): unknown key"
            if let nearest = NearestName.nearest(to: entry.key, among: names) {
                message += "; did you mean '\(nearest)'?"
            } else {
                message += "; known are \(names.joined(separator: ", "))"
            }
            complaints.error(message, at: entry.keyLocation)
        }
    }

    /// A key that is described and not read would be a promise of the reference page that nobody keeps.
    func checkThatAllWasAsked() {
        let forgotten = section.keys.filter { !asked.contains($0.name) }.map(\.name)
        precondition(forgotten.isEmpty, "\(section.path) describes keys that nothing reads: \(forgotten)")
    }

    private func entry(_ name: String) -> YAMLEntry? { entries.last { $0.key == name } }
}
