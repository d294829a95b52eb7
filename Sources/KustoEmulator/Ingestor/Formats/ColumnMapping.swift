/// Where the value of one column comes from. Elements are read in every spelling that an SDK or the documentation uses.
struct ColumnMapping: Sendable {
    enum Source: Sendable {
        case ordinal(Int)
        case path(JSONPath)
        case constant(String)
        case sourceLocation
        case sourceLineNumber
        /// The value at the path, a number of that many units a second since 1970.
        case unixTime(JSONPath, unitsPerSecond: Int64)
    }

    let column: String
    let type: ColumnType?
    let source: Source

    /// Reads the JSON text of a mapping for the format.
    static func read(_ text: String, _ format: DataFormat) throws(IngestionFailure) -> [ColumnMapping] {
        guard let elements = JSON(parsing: text)?.elements else {
            throw IngestionFailure("BadRequest_InvalidMapping", "The mapping is not the JSON text of an array.")
        }
        var mappings: [ColumnMapping] = []
        for element in elements { mappings.append(try ColumnMapping(element, format)) }
        return mappings
    }

    private init(_ json: JSON, _ format: DataFormat) throws(IngestionFailure) {
        func invalid(_ reason: String) -> IngestionFailure { IngestionFailure("BadRequest_InvalidMapping", "\(reason): \(json.encoded)") }
        guard let column = (json.member("Column") ?? json.member("columnName") ?? json.member("Name"))?.text, !column.isEmpty else {
            throw invalid("A column mapping names no column")
        }
        self.column = column
        let typeName = (json.member("DataType") ?? json.member("columnType") ?? json.member("Type"))?.text ?? ""
        type = typeName.isEmpty ? nil : ColumnType(name: typeName)
        guard typeName.isEmpty || type != nil else { throw invalid("A column mapping has an unknown type") }
        let properties = json.member("Properties")?.members == nil ? json : json.member("Properties") ?? json
        func property(_ name: String) -> JSON? { properties.member(name).flatMap { $0.isNull ? nil : $0 } }

        let path = property("Path") ?? property("Field").flatMap { $0.text.map { .string("$.\($0)") } }
        let transform = property("Transform")?.text ?? ""
        if let constant = property("ConstValue") ?? property("ConstantValue") {
            source = .constant(constant.text ?? constant.encoded)
        } else if transform == "SourceLocation" {
            source = .sourceLocation
        } else if transform == "SourceLineNumber" {
            source = .sourceLineNumber
        } else if format.isJSON {
            guard let parsed = path?.text.flatMap(JSONPath.init) else {
                throw invalid("A JSON column mapping has no path that can be read")
            }
            if let units = Self.units[transform] { source = .unixTime(parsed, unitsPerSecond: units) } else { source = .path(parsed) }
        } else {
            guard let ordinal = property("Ordinal")?.integer, ordinal >= 0 else { throw invalid("A CSV column mapping has no ordinal") }
            source = .ordinal(ordinal)
        }
    }

    private static let units: [String: Int64] = [
        "DateTimeFromUnixSeconds": 1, "DateTimeFromUnixMilliseconds": 1000, "DateTimeFromUnixMicroseconds": 1_000_000,
        "DateTimeFromUnixNanoseconds": 1_000_000_000,
    ]
}
