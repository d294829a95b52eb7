/// The formats that queued ingestion takes, by the names that go on the wire.
///
/// Source: the service's format page and its SDKs (reference: kusto-queued-ingestion §6). The service compares `format` and the
/// mapping's kind exactly, in these two different spellings.
package enum DataFormat: String, Sendable, Hashable, Codable, CaseIterable {
    case csv
    case tsv
    case tsve
    case scsv
    case sohsv
    case psv
    case txt
    case raw
    case json
    case multijson
    case singlejson
    case avro
    case apacheavro
    case parquet
    case orc
    case sstream
    case w3clogfile

    /// The kind that a mapping of this format has: `ingestionMappingType`.
    package var mappingKind: String {
        switch self {
        case .csv, .tsv, .tsve, .scsv, .sohsv, .psv, .txt, .raw: "Csv"
        case .json, .multijson, .singlejson: "Json"
        case .avro: "Avro"
        case .apacheavro: "ApacheAvro"
        case .parquet: "Parquet"
        case .orc: "Orc"
        case .sstream: "SStream"
        case .w3clogfile: "W3CLogFile"
        }
    }

    /// Whether the format carries its own compression, so that gzip around it is never wanted and partly not understood (§4.2).
    package var isBinary: Bool {
        switch self {
        case .avro, .apacheavro, .parquet, .orc, .sstream: true
        case .csv, .tsv, .tsve, .scsv, .sohsv, .psv, .txt, .raw, .json, .multijson, .singlejson, .w3clogfile: false
        }
    }
}
