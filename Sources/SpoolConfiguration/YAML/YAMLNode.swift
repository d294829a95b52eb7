/// A YAML document as the settings are read from it: with the place of everything, and nothing interpreted.
struct YAMLNode: Sendable, Hashable {
    enum Content: Sendable, Hashable {
        /// - Parameter isPlain: written without quotes, so that `true` is a flag and nothing is null.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    var content: Content
    var location: SourceLocation

    /// Nothing behind the colon, `~` or `null`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What stands there, for a complaint.
    var shown: String {
        switch content {
        case .scalar(let text, _): isNull ? "nothing" : "'\(text.count > 60 ? text.prefix(60) + "…" : text)'"
        case .sequence: "a list"
        case .mapping: "a map of keys"
        }
    }
}

/// A key and its value.
struct YAMLEntry: Sendable, Hashable {
    var key: String
    var keyLocation: SourceLocation
    var value: YAMLNode
}

extension YAMLNode {
    /// Lays a drop-in over this document: maps are merged key by key; `spools` is appended to; of anything else given in both, the later stands.
    func merged(with later: YAMLNode, isTop: Bool = true) -> YAMLNode {
        guard case .mapping(var entries) = content, case .mapping(let laterEntries) = later.content else { return later }
        for entry in laterEntries {
            guard let index = entries.firstIndex(where: { $0.key == entry.key }) else {
                entries.append(entry)
                continue
            }
            if isTop, entry.key == "spools", case .sequence(let earlier) = entries[index].value.content,
                case .sequence(let added) = entry.value.content
            {
                entries[index].value.content = .sequence(earlier + added)
            } else {
                entries[index].value = entries[index].value.merged(with: entry.value, isTop: false)
                if case .mapping = entry.value.content {} else { entries[index].keyLocation = entry.keyLocation }
            }
        }
        return YAMLNode(content: .mapping(entries), location: location)
    }
}
