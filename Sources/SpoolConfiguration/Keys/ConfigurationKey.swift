/// A key that the configuration knows: its name, how its value is read, what stands for it when it is absent, and what the reference page says of it.
///
/// The parser reads by these values and the reference page is written from them, so neither can have a key that the other lacks.
struct ConfigurationKey<Value: Sendable>: Sendable {
    let description: KeyDescription
    let parse: @Sendable (YAMLNode, ValueContext, inout Complaints) -> Value?
}

/// What can be said of a key without its type.
struct KeyDescription: Sendable {
    enum Presence: Sendable, Hashable {
        case required
        case optional
        /// - Parameter text: the default, in YAML; read by the same parser as a value that is given.
        case defaulted(String)
    }

    let name: String
    /// What is allowed, in words.
    let allowed: String
    let presence: Presence
    /// What it does, and why the default is what it is.
    let text: String
    /// The section that a map of keys, or each element of a list, is read by.
    let section: SectionDescription?

    init(
        _ name: String, allowed: String, presence: Presence, text: String, section: SectionDescription? = nil
    ) {
        self.name = name
        self.allowed = allowed
        self.presence = presence
        self.text = text
        self.section = section
    }
}

/// A map of keys.
struct SectionDescription: Sendable {
    /// As it is addressed: `cluster.credential`, `spools[]`.
    let path: String
    let text: String
    let keys: [KeyDescription]

    init(_ path: String, _ text: String, _ keys: [KeyDescription]) {
        self.path = path
        self.text = text
        self.keys = keys
    }
}

/// Where a value stands, for what is said of it.
struct ValueContext: Sendable {
    /// `spools[0].report.level`.
    var path: String
}
