import IngestionModel
import SpoolPrimitives

/// What the journal says became of the sources with numbers of one window: a byte each.
struct VerdictBook {
    /// 16 MiB; more rows than that take another pass over the journal.
    static let window: Int64 = 1 << 24

    /// What the journal's last word about a source is.
    enum Word: Equatable {
        case none
        case verdict(Verdict)
        case superseded
    }

    private static let superseded: UInt8 = 6
    private static let recent: UInt8 = 0x40
    private static let seen: UInt8 = 0x80

    let rows: Range<Int64>
    private var bytes: [UInt8]

    init(from first: Int64, to last: Int64) {
        rows = first..<max(first, min(first + Self.window, last + 1))
        bytes = [UInt8](repeating: 0, count: rows.count)
    }

    mutating func note(_ entry: JournalVerdict, isRecent: Bool) {
        guard rows.contains(entry.row) else { return }
        let code =
            switch entry.word {
            case .none: UInt8(0)
            case .verdict(let verdict): UInt8(verdict.rawValue)
            case .superseded: Self.superseded
            }
        bytes[Int(entry.row - rows.lowerBound)] = code | (isRecent ? Self.recent : 0)
    }

    /// The word about a row, which the ledger has.
    mutating func take(_ row: Int64) -> Word {
        guard rows.contains(row) else { return .none }
        bytes[Int(row - rows.lowerBound)] |= Self.seen
        return word(bytes[Int(row - rows.lowerBound)])
    }

    /// Verdicts of rows that were never asked for, so recent that the ledger must still have them.
    func leftOver() -> [(row: Int64, verdict: Verdict)] {
        bytes.enumerated().compactMap { index, byte in
            guard byte & Self.seen == 0, byte & Self.recent != 0, case .verdict(let verdict) = word(byte) else { return nil }
            return (rows.lowerBound + Int64(index), verdict)
        }
    }

    private func word(_ byte: UInt8) -> Word {
        let code = byte & 0x3F
        if code == Self.superseded { return .superseded }
        return Verdict(rawValue: Int(code)).map(Word.verdict) ?? .none
    }
}

/// A line of the journal that ends a source, or corrects its end.
struct JournalVerdict {
    var seq: Int64
    var row: Int64
    var word: VerdictBook.Word
    var at: Timestamp

    private static let mark = Array("\"event\":\"".utf8)
    private static let words = Set(
        ["succeeded", "failed", "presumed", "skipped", "unconfirmed", "corrected", "superseded", "separated"].map { Array($0.utf8)[...] })

    /// Nil for a line of another kind, or of another ledger's source.
    init?(_ line: [UInt8], prefix: SourceID.Prefix) {
        // A look at the bytes first: most lines are of other kinds, and parsing is what a long journal costs.
        guard let mark = line.firstRange(of: Self.mark) else { return nil }
        guard Self.words.contains(line[mark.upperBound...].prefix { $0 != UInt8(ascii: "\"") }) else { return nil }
        let object: JSONValue
        do throws(JSONError) { object = try JSONValue(parsing: line) } catch { return nil }
        guard let seq = object["seq"]?.integer, let id = object["source"]?.text.flatMap({ SourceID($0) }), id.prefix == prefix,
            let at = object["at"]?.text.flatMap({ Timestamp(iso8601: $0) }), let event = object["event"]?.text
        else { return nil }
        // A file that leaves a decided whole takes the verdict with it to a row of its own.
        let isSeparated = event == "separated"
        let name = event == "corrected" || isSeparated ? object["verdict"]?.text : event
        if name == "superseded" {
            word = .superseded
        } else if let verdict = Verdict.allCases.first(where: { $0.description == name }) {
            word = .verdict(verdict)
        } else {
            return nil
        }
        self.seq = seq
        if isSeparated {
            guard let own = object["successor"]?.text.flatMap({ SourceID($0) }) else { return nil }
            row = own.row
        } else {
            row = id.row
        }
        self.at = at
    }
}
