import ResultJournal
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport

let journalUUID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
let now = Timestamp(seconds: 1_767_323_045)

/// A line as the outbox has it.
func line(_ seq: Int64, journal: String = journalUUID, padding: Int = 0) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
        $0.field("seq", seq)
        $0.field("event", "queued")
        $0.field("journal", journal)
        $0.field("file", String(repeating: "x", count: padding) + "gap \"event\":\"gap\",\"from\":1,\"to\":2")
    }
    writer.newline()
    return writer.bytes
}

func lines(_ range: ClosedRange<Int64>) -> [UInt8] { range.flatMap { line($0) } }

extension JournalFile {
    /// Appends lines of these numbers.
    @discardableResult
    func append(_ range: ClosedRange<Int64>, at instant: Timestamp = now) throws(JournalError) -> AppendResult {
        try append(lines: lines(range), firstSeq: range.lowerBound, lastSeq: range.upperBound, now: instant)
    }
}

extension TemporaryDirectory {
    var journalPath: String { path("journal.ndjson") }

    func journal(_ change: (inout JournalOptions) -> Void = { _ in }) throws(JournalError) -> JournalFile {
        var options = JournalOptions(path: journalPath, journal: journalUUID)
        change(&options)
        return try JournalFile(options, now: now)
    }

    func text(_ name: String = "journal.ndjson") -> String { String(decoding: read(name) ?? [], as: UTF8.self) }

    func journalNames() -> [String] { names().map(\.displayText).sorted() }
}
