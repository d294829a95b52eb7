/// How files of a format are joined to one blob that says what they said apart.
package enum Joining: Sendable, Hashable {
    /// Records end with a newline that is not between quotes; their fields are set apart by this byte.
    case records(separator: UInt8)
    /// Every line is a record.
    case lines
    /// JSON objects, a line each.
    case jsonLines
    /// JSON objects, one behind the other.
    case jsonValues

    /// Whether the service knows a first record that is no data; of JSON it takes every value, whatever the message says.
    package var hasHeaders: Bool {
        switch self {
        case .records, .lines: true
        case .jsonLines, .jsonValues: false
        }
    }
}

extension DataFormat {
    /// nil where two files in one blob would be another file: binary formats, whole-file values, formats with a preamble, and raw bytes.
    package var joining: Joining? {
        switch self {
        case .csv: .records(separator: UInt8(ascii: ","))
        case .tsv, .tsve: .records(separator: UInt8(ascii: "\t"))
        case .scsv: .records(separator: UInt8(ascii: ";"))
        case .sohsv: .records(separator: 1)
        case .psv: .records(separator: UInt8(ascii: "|"))
        case .txt: .lines
        case .json: .jsonLines
        case .multijson: .jsonValues
        case .raw, .singlejson, .avro, .apacheavro, .parquet, .orc, .sstream, .w3clogfile: nil
        }
    }
}
