import Gzip
import SpoolPrimitives
import SpoolTestSupport

/// One of the thousand files: made again from the seed whenever it is needed, so that the plan holds no contents.
struct FilePlan: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case csv
        case tsv
        case psv
        case scsv
        case json
        case multijson
        case txt
        case tsve
        case sohsv
    }

    enum Fate: Sendable {
        case succeeds
        /// Refused by the service, with this code.
        case fails(code: String)
        /// Refused by the daemon, with this code.
        case skipped(code: String)
    }

    let index: Int
    let seed: UInt64
    let kind: Kind
    /// About how many bytes before compression.
    let size: Int
    let isGzip: Bool
    let fate: Fate

    var name: String { "f\(index).\(kind.rawValue)\(isGzip ? ".gz" : "")" }

    /// A thousand plans: mixed formats and sizes from nothing to 300 MB, a few of each way to be refused.
    static func thousand(seed: UInt64, largest: Int) -> [FilePlan] {
        let random = RandomSource.seeded(seed)
        return (0..<1000).map { index in
            let kind = Kind.allCases[index % Kind.allCases.count]
            let size =
                switch index {
                case 9: largest
                case 0..<4: 20_000_000
                case 4..<24: 1_000_000 + Int(random.unit() * 4_000_000)
                default: 20 + Int(random.unit() * random.unit() * 60_000)
                }
            var fate = Fate.succeeds
            if index >= 100 {
                switch index % 50 {
                case 1: fate = .skipped(code: "empty")
                case 2 where [.csv, .tsv, .psv, .scsv, .tsve, .sohsv].contains(kind): fate = .fails(code: "Stream_WrongNumberOfFields")
                case 3 where kind == .multijson: fate = .fails(code: "BadRequest_InvalidBlob")
                // In the company of others the service would drop its lines without a word.
                case 6 where kind == .json: fate = .fails(code: "BadRequest_NoRecordsOrWrongFormat")
                case 4: fate = .skipped(code: "not_gzip")
                default: break
                }
            }
            let isMismatch = if case .skipped("not_gzip") = fate { true } else { false }
            return FilePlan(
                index: index, seed: random.next(), kind: kind, size: size, isGzip: isMismatch || index % 10 == 5, fate: fate)
        }
    }

    /// The records, as the service should read them.
    func records() -> [[String]] {
        let random = RandomSource.seeded(seed)
        // Large files have long records, so that their number stays within what a test compares.
        let width = max(8, min(60_000, size / 400))
        var records: [[String]] = []
        var total = 0
        while total < size {
            let record = (0..<(kind == .txt ? 1 : 3)).map { cell(column: $0, width: width, random) }
            total += record.reduce(4) { $0 + $1.utf8.count }
            records.append(record)
        }
        return records
    }

    private func cell(column: Int, width: Int, _ random: RandomSource) -> String {
        var text = "\(index)-\(column)-\(random.next())"
        if kind == .csv, column == 1 { text += ", \"quoted\"\né" }
        if kind == .tsve, column == 1 { text += " \\ \t \n é" }
        if kind == .json || kind == .multijson, column == 1 { text += " \"\\ \n é" }
        let filler = "abcdefghijklmnopqrstuvwxyz0123456789"
        while text.utf8.count < width / 3 { text += filler }
        return text
    }

    /// The bytes that are dropped.
    func contents() -> [UInt8] {
        if case .skipped(let code) = fate {
            return code == "empty" && !isGzip ? [] : code == "empty" ? Self.gzip([]) : Array("this is no gzip\n".utf8)
        }
        var bytes = plain()
        if case .fails = fate { bytes = spoiled(bytes) }
        return isGzip ? Self.gzip(bytes) : bytes
    }

    private func plain() -> [UInt8] {
        switch kind {
        case .csv: return delimited(",", quoted)
        case .tsv: return delimited("\t")
        case .psv: return delimited("|")
        case .scsv: return delimited(";")
        case .sohsv: return delimited("\u{1}")
        case .tsve: return delimited("\t", escaped)
        case .txt: return Array(records().map { $0[0] + "\n" }.joined().utf8)
        case .json:
            var writer = JSONWriter()
            for record in records() {
                write(record, to: &writer)
                writer.newline()
            }
            return writer.bytes
        case .multijson:
            var writer = JSONWriter()
            writer.array { for record in records() { write(record, to: &$0) } }
            return writer.bytes
        }
    }

    private func spoiled(_ bytes: [UInt8]) -> [UInt8] {
        switch kind {
        case .multijson: bytes.dropLast() + Array(", {".utf8)
        case .json: bytes.split(separator: UInt8(ascii: "\n")).flatMap { $0.dropLast() + [UInt8(ascii: "\n")] }
        default: bytes + Array("only-one-field\n".utf8)
        }
    }

    private func delimited(_ separator: String, _ spell: (String) -> String = { $0 }) -> [UInt8] {
        Array(records().map { $0.map(spell).joined(separator: separator) + "\n" }.joined().utf8)
    }

    private func escaped(_ cell: String) -> String {
        cell.replacing("\\", with: "\\\\").replacing("\t", with: "\\t").replacing("\n", with: "\\n")
    }

    private func quoted(_ cell: String) -> String { "\"" + cell.replacing("\"", with: "\"\"") + "\"" }

    private func write(_ record: [String], to writer: inout JSONWriter) {
        writer.object { object in
            for (index, cell) in record.enumerated() { object.field("c\(index)", cell) }
        }
    }

    private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        let compressor = GzipCompressor(.zlib)
        var packed: [UInt8] = []
        bytes.withUnsafeBytes { compressor.compress($0, appendingTo: &packed) }
        compressor.finish(appendingTo: &packed)
        return packed
    }
}
