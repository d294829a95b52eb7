/// A JSON value. Objects keep the order of their members, and numbers keep their text, because rows are compared with the file they came from.
package enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSON])
    case object([Member])

    /// One member of an object.
    package struct Member: Hashable, Sendable {
        /// The member's name.
        package let name: String
        /// The member's value.
        package let value: JSON

        /// A member.
        package init(name: String, value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// The member of that exact name, or nil; the last one, where a name occurs twice.
    package subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// The member of that name without regard to case: the service matches its own field names so.
    package func member(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        if let exact = self[name] { return exact }
        let lowered = name.lowercased()
        return members.last { $0.name.lowercased() == lowered }?.value
    }

    /// The text of a string.
    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// A whole number, from a JSON number or from the text of one: senders disagree about quoting.
    package var integer: Int? {
        switch self {
        case .number(let text), .string(let text): Int(text)
        case .null, .bool, .array, .object: nil
        }
    }

    /// A truth value, from `true`, `"true"`, `"True"` or 1.
    package var flag: Bool? {
        switch self {
        case .bool(let flag): flag
        case .string(let text): ["true": true, "false": false][text.lowercased()]
        case .number(let text): ["1": true, "0": false][text]
        case .null, .array, .object: nil
        }
    }

    /// The elements of an array.
    package var elements: [JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The members of an object.
    package var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    var isNull: Bool { self == .null }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
    package init(stringLiteral text: String) { self = .string(text) }
    package init(booleanLiteral flag: Bool) { self = .bool(flag) }
    package init(integerLiteral number: Int) { self = .number(String(number)) }
    package init(nilLiteral: ()) { self = .null }
}

extension JSON: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral members: (String, JSON)...) { self = .object(members.map { Member(name: $0.0, value: $0.1) }) }

    static func integer(_ number: some BinaryInteger) -> JSON { .number(String(number)) }
}
