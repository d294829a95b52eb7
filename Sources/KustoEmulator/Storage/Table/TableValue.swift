/// A typed value of an entity. Types are Edm's; what JSON cannot say by itself is said by an annotation beside the value.
package enum TableValue: Hashable, Sendable {
    case text(String)
    case flag(Bool)
    case int32(Int32)
    case int64(Int64)
    case real(Double)
    /// The text as it was written; times are compared by what it means.
    case time(String)
    case guid(String)
    /// Base64, as it stands on the wire.
    case binary(String)

    /// Reads a value with the annotation that stood beside it, or none. Nil for null, which an entity does not keep.
    init?(_ json: JSON, type: String?) throws(StorageError) {
        switch (type, json) {
        case (_, .null): return nil
        case (nil, .string(let text)), ("Edm.String", .string(let text)): self = .text(text)
        case (nil, .bool(let flag)), ("Edm.Boolean", .bool(let flag)): self = .flag(flag)
        case ("Edm.Boolean", .string(let text)): self = .flag(try Self.known(["true": true, "false": false][text.lowercased()]))
        case (nil, .number(let text)) where !text.contains(where: { ".eE".contains($0) }), ("Edm.Int32", .number(let text)):
            // An Int64 has to be annotated; without that it is a number too large for its type.
            self = .int32(try Self.known(Int32(text)))
        case (nil, .number(let text)), ("Edm.Double", .number(let text)), ("Edm.Double", .string(let text)):
            self = .real(try Self.known(Self.real(text)))
        case ("Edm.Int64", .string(let text)), ("Edm.Int64", .number(let text)): self = .int64(try Self.known(Int64(text)))
        case ("Edm.DateTime", .string(let text)): self = .time(try Self.known(Moment(sasTime: text).map { _ in text }))
        case ("Edm.Guid", .string(let text)): self = .guid(try Self.known(Self.guid(text)))
        case ("Edm.Binary", .string(let text)): self = .binary(try Self.known(Digests.bytes(base64: text).map { _ in text }))
        default: throw .invalidInput
        }
    }

    /// The value as JSON. Sixty-four bits go as text, since not every reader's numbers hold them.
    package var json: JSON {
        switch self {
        case .text(let text), .time(let text), .guid(let text), .binary(let text): .string(text)
        case .flag(let flag): .bool(flag)
        case .int32(let number): .integer(number)
        case .int64(let number): .string(String(number))
        case .real(let number) where number.isNaN: "NaN"
        case .real(let number) where number.isInfinite: .string(number > 0 ? "Infinity" : "-Infinity")
        case .real(let number): .number(String(number))
        }
    }

    /// The annotation that a reader needs with reduced metadata; nil where JSON says the type by itself.
    var annotation: String? {
        switch self {
        case .text, .flag, .int32: nil
        case .int64: "Edm.Int64"
        case .real(let number): number.isFinite ? nil : "Edm.Double"
        case .time: "Edm.DateTime"
        case .guid: "Edm.Guid"
        case .binary: "Edm.Binary"
        }
    }

    /// The text of a string, GUID or time; nil for the other types.
    package var text: String? {
        switch self {
        case .text(let text), .time(let text), .guid(let text): text
        case .flag, .int32, .int64, .real, .binary: nil
        }
    }

    /// About what the service counts for the value.
    var size: Int {
        switch self {
        case .text(let text): 2 * text.utf16.count
        case .binary(let text): text.utf8.count / 4 * 3
        case .flag, .int32, .int64, .real, .time, .guid: 16
        }
    }

    /// Less than, equal or greater; nil for values of types that do not compare, which no comparison then matches.
    func order(_ other: TableValue) -> Int? {
        switch (self, other) {
        case (.text(let left), .text(let right)), (.binary(let left), .binary(let right)): Self.sign(left, right)
        case (.guid(let left), .guid(let right)): Self.sign(left.lowercased(), right.lowercased())
        case (.flag(let left), .flag(let right)): Self.sign(left ? 1 : 0, right ? 1 : 0)
        case (.time(let left), .time(let right)):
            if let left = Moment(sasTime: left), let right = Moment(sasTime: right) { Self.sign(left, right) } else { nil }
        case (.text, _), (_, .text), (.guid, _), (_, .guid), (.flag, _), (_, .flag), (.time, _), (_, .time), (.binary, _), (_, .binary): nil
        case (.int32, _), (.int64, _), (.real, _): Self.sign(number, other.number)
        }
    }

    private var number: Double {
        switch self {
        case .int32(let number): Double(number)
        case .int64(let number): Double(number)
        case .real(let number): number
        case .text, .flag, .time, .guid, .binary: .nan
        }
    }

    private static func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int { left < right ? -1 : left == right ? 0 : 1 }

    private static func known<Value>(_ value: Value?) throws(StorageError) -> Value {
        guard let value else { throw .invalidInput }
        return value
    }

    private static func real(_ text: String) -> Double? {
        switch text {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: Double(text)
        }
    }

    /// The GUID in lower case; nil for what is none.
    private static func guid(_ text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12], parts.allSatisfy({ $0.allSatisfy(\.isHexDigit) }) else { return nil }
        return text.lowercased()
    }
}
