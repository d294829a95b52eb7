/// The formats of the wire's `format` property.
enum DataFormat: String, Sendable, CaseIterable {
    case csv, tsv, tsve, psv, scsv, sohsv, txt, raw
    case json, multijson, singlejson
    case avro, apacheavro, parquet, orc, sstream, w3clogfile

    /// The format of a message: its property, or else its blob's extension, or else CSV.
    init(_ message: IngestionMessage) throws(IngestionFailure) {
        if let property = message.properties["format"] {
            guard let format = property.text.flatMap({ DataFormat(rawValue: $0.lowercased()) }) else {
                throw IngestionFailure("BadRequest_FormatNotSupported", "The format \(property.encoded) is not known.")
            }
            self = format
            return
        }
        var parts = message.sourcePath.lowercased().split(separator: ".")
        if ["gz", "zip"].contains(parts.last) { parts.removeLast() }
        self = parts.last.flatMap { DataFormat(rawValue: String($0)) } ?? .csv
    }

    var isJSON: Bool {
        switch self {
        case .json, .multijson, .singlejson: true
        case .csv, .tsv, .tsve, .psv, .scsv, .sohsv, .txt, .raw, .avro, .apacheavro, .parquet, .orc, .sstream, .w3clogfile: false
        }
    }

    /// The kind of mapping that fits, in the spelling that the service compares exactly.
    var mappingKind: String {
        switch self {
        case .csv, .tsv, .tsve, .psv, .scsv, .sohsv, .txt, .raw: "Csv"
        case .json, .multijson, .singlejson: "Json"
        case .avro: "Avro"
        case .apacheavro: "ApacheAvro"
        case .parquet: "Parquet"
        case .orc: "Orc"
        case .sstream: "SStream"
        case .w3clogfile: "W3CLogFile"
        }
    }
}

/// What a blob holds, before a mapping has said which column each value goes to.
enum Records: Sendable {
    case fields([[String]])
    case objects([JSON])
    /// A binary blob, taken unread.
    case opaque

    var count: Int {
        switch self {
        case .fields(let records): records.count
        case .objects(let records): records.count
        case .opaque: 1
        }
    }
}

extension DataFormat {
    /// Reads the records of a blob.
    func records(_ bytes: [UInt8], ignoringFirst: Bool, acceptingBinary: Bool) throws(IngestionFailure) -> Records {
        let skipped = ignoringFirst ? 1 : 0
        switch self {
        case .csv, .tsv, .tsve, .psv, .scsv, .sohsv:
            return .fields(Array(try delimitedText.records(bytes).dropFirst(skipped)))
        case .txt:
            return .fields(PlainText.lines(bytes).dropFirst(skipped).map { [$0] })
        case .raw: return .fields([[String(decoding: bytes, as: UTF8.self)]])
        case .json: return .objects(JSONText.lines(bytes))
        case .multijson: return .objects(try JSONText.sequence(bytes))
        case .singlejson: return .objects([try JSONText.single(bytes)])
        case .avro, .apacheavro, .parquet, .orc, .sstream, .w3clogfile:
            guard acceptingBinary else {
                throw IngestionFailure("BadRequest_FormatNotSupported", "The emulator does not read \(rawValue).")
            }
            return .opaque
        }
    }

    private var delimitedText: DelimitedText {
        switch self {
        case .tsv: DelimitedText(separator: 0x09)
        case .tsve: DelimitedText(separator: 0x09, escapes: true)
        case .psv: DelimitedText(separator: UInt8(ascii: "|"))
        case .scsv: DelimitedText(separator: UInt8(ascii: ";"))
        case .sohsv: DelimitedText(separator: 0x01)
        case .csv, .txt, .raw, .json, .multijson, .singlejson, .avro, .apacheavro, .parquet, .orc, .sstream, .w3clogfile:
            DelimitedText(separator: UInt8(ascii: ","))
        }
    }
}
