/// The types of Kusto's columns.
package enum ColumnType: String, Sendable, CaseIterable {
    case bool
    case datetime
    case decimal
    case dynamic
    case guid
    case int
    case long
    case real
    case string
    case timespan

    /// A type by any of the names that mappings and schemas use; nil for an unknown one.
    package init?(name: String) {
        switch name.lowercased().replacing("system.", with: "") {
        case "bool", "boolean", "sbyte": self = .bool
        case "datetime", "date": self = .datetime
        case "decimal", "sqldecimal": self = .decimal
        case "dynamic", "object": self = .dynamic
        case "guid", "uuid", "uniqueid": self = .guid
        case "int", "int32": self = .int
        case "long", "int64": self = .long
        case "real", "double": self = .real
        case "string": self = .string
        case "timespan", "time": self = .timespan
        default: return nil
        }
    }

    /// The name that `DataType` has in a v1 reply.
    var frameworkName: String {
        switch self {
        case .bool: "SByte"
        case .datetime: "DateTime"
        case .decimal: "SqlDecimal"
        case .dynamic: "Object"
        case .guid: "Guid"
        case .int: "Int32"
        case .long: "Int64"
        case .real: "Double"
        case .string: "String"
        case .timespan: "TimeSpan"
        }
    }

    /// The value as this type, or nil (null) where it is not one: a type mismatch makes a null in Kusto, not a failure.
    func convert(_ text: String) -> Cell? {
        switch self {
        case .string: return .text(text)
        case .bool: return ["true": .integer(1), "1": .integer(1), "false": .integer(0), "0": .integer(0)][text.lowercased()]
        case .int: return Int32(text).map { .integer(Int64($0)) }
        case .long: return Int64(text).map { .integer($0) }
        case .real: return Double(text).map { .real($0) }
        case .decimal: return Double(text) == nil ? nil : .text(text)
        case .dynamic: return text.isEmpty ? nil : .text(text)
        case .datetime: return text.utf8.count >= 8 && text.utf8.first.map { (0x30...0x39).contains($0) } == true ? .text(text) : nil
        case .guid: return text.utf8.count >= 32 ? .text(text) : nil
        case .timespan: return text.contains(where: \.isNumber) ? .text(text) : nil
        }
    }

    /// The same for a JSON value.
    func convert(_ json: JSON) -> Cell? {
        switch (self, json) {
        case (_, .null): nil
        case (.dynamic, _): .text(json.encoded)
        case (_, .string(let text)), (_, .number(let text)): convert(text)
        case (_, .bool(let flag)): convert(flag ? "true" : "false")
        case (.string, .array), (.string, .object): .text(json.encoded)
        case (_, .array), (_, .object): nil
        }
    }

    /// The type that a JSON value gives to a column that does not exist yet.
    static func of(_ json: JSON) -> ColumnType {
        switch json {
        case .bool: .bool
        case .number(let text): Int64(text) == nil ? .real : .long
        case .string, .null: .string
        case .array, .object: .dynamic
        }
    }
}

/// One value of a row.
package enum Cell: Hashable, Sendable {
    case integer(Int64)
    case real(Double)
    case text(String)

    /// The value as text.
    package var text: String {
        switch self {
        case .integer(let number): String(number)
        case .real(let number): String(number)
        case .text(let text): text
        }
    }
}
