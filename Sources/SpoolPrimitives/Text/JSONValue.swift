/// Any JSON, as somebody else wrote it: members in their order, numbers by their text.
///
/// For replies and notifications whose shape is not ours to decide. Nothing is lost between reading and writing it again (`1.10` stays `1.10`,
/// a 20-digit identifier keeps its digits), which a decoder into doubles cannot say.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The number as it was written.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])
}

/// One member of an object.
package struct JSONMember: Sendable, Hashable {
    package var key: String
    package var value: JSONValue

    package init(_ key: String, _ value: JSONValue) {
        self.key = key
        self.value = value
    }
}

extension JSONValue {
    /// The member of that exact name, the last where there are several; nil too where this is no object.
    package subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    /// The member of that name without regard to the case of ASCII letters; an exact match comes first.
    package subscript(ignoringCase key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        if let exact = members.last(where: { $0.key == key }) { return exact.value }
        let wanted = key.lowercased()
        return members.last { $0.key.utf8.count == key.utf8.count && $0.key.lowercased() == wanted }?.value
    }

    /// A string; or a number or flag in its own spelling, since senders disagree on which fields are strings. Nil for the rest.
    package var text: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// A whole number, also from within a string.
    package var integer: Int64? {
        switch self {
        case .number(let text), .string(let text): Int64(text)
        case .null, .bool, .array, .object: nil
        }
    }

    /// A flag: `true`, `"true"`, `"True"`, `1` and their opposites.
    package var flag: Bool? {
        switch text?.lowercased() {
        case "true", "1": true
        case "false", "0": false
        default: nil
        }
    }

    package var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var members: [JSONMember]? {
        if case .object(let members) = self { members } else { nil }
    }

    package var isNull: Bool { self == .null }
}

extension JSONWriter {
    /// Writes a value as it was read, without insignificant space.
    package mutating func value(_ json: JSONValue) {
        switch json {
        case .null: null()
        case .bool(let flag): value(flag)
        case .number(let text): value(verbatim: text)
        case .string(let text): value(text)
        case .array(let elements): array { writer in for element in elements { writer.value(element) } }
        case .object(let members):
            object { writer in
                for member in members {
                    writer.key(member.key)
                    writer.value(member.value)
                }
            }
        }
    }
}
