import IngestionModel
import Ledger
import ResultJournal
import SpoolPrimitives

/// The ledger's verdicts with the journal's, both ways; rows come in the order of their numbers.
///
/// What the journal has lost, by its age or another hand, it says nothing about: verdicts of those times are not missed one by one.
struct VerdictComparison {
    /// Times of events are taken before their commits, which may change places by so much.
    private static let slack: Duration = .seconds(60)

    private let trust: JournalTrust
    private let ledger: LedgerReader
    private let now: Timestamp
    private let lastRow: Int64
    private var book: VerdictBook
    /// Times between which lines are missing, in order.
    private var lost: [ClosedRange<Timestamp>] = []

    init(_ trust: JournalTrust, _ ledger: LedgerReader, now: Timestamp, _ result: inout SystemCheck.Result) throws(LedgerError) {
        self.trust = trust
        self.ledger = ledger
        self.now = now
        lastRow = try ledger.numbers().lastRow
        book = VerdictBook(from: 1, to: 0)
        // As far back as one window reaches, also before the first row that is there: the journal may know of others.
        let first = try ledger.rows(after: 0, limit: 1).first?.row ?? lastRow
        try open(at: max(1, min(first, lastRow - VerdictBook.window + 1)), &result)
    }

    mutating func compare(_ source: SourceRow, _ result: inout SystemCheck.Result) throws(LedgerError) {
        // Rows that came after the look at the journal began are for the next look.
        guard trust.isThere, source.id.row <= lastRow else { return }
        if source.id.row >= book.rows.upperBound {
            try finish(&result)
            try open(at: source.id.row, &result)
        }
        let word = book.take(source.id.row)
        switch (source.progress.state, word) {
        case (.settled(let verdict), .none):
            if !isLost(source.decidedAt) { result.differences.add(.verdictOnlyInLedger, "\(source.id)", "\(verdict)") }
        case (.settled(let verdict), .verdict(let told)) where told != verdict:
            if lost.isEmpty { result.differences.add(.verdictDiffers, "\(source.id)", "\(verdict) in the ledger, \(told) in the journal") }
        case (.settled, _), (.superseded, _): return
        case (let state, .verdict(let told)):
            result.differences.add(.verdictOnlyInJournal, "\(source.id)", "\(told) in the journal, \(state) in the ledger")
        case (_, _): return
        }
    }

    /// What the journal has of rows that did not come. The ledger remembers a row for days after its end.
    func finish(_ result: inout SystemCheck.Result) throws(LedgerError) {
        guard trust.isThere else { return }
        for (row, verdict) in book.leftOver() {
            let id = SourceID(prefix: ledger.identity.prefix, row: row)
            result.differences.add(.verdictOnlyInJournal, "\(id)", "\(verdict) in the journal, no row in the ledger")
        }
    }

    private func isLost(_ decidedAt: Timestamp?) -> Bool {
        guard let decidedAt else { return true }
        return lost.contains { $0.lowerBound - Self.slack <= decidedAt && decidedAt <= $0.upperBound + Self.slack }
    }

    // MARK: - Reading the journal

    private mutating func open(at row: Int64, _ result: inout SystemCheck.Result) throws(LedgerError) {
        book = VerdictBook(from: row, to: lastRow)
        lost = []
        guard trust.isThere else { return }
        // The outbox first: what is carried into the journal meanwhile is seen in one of the two.
        let waiting = try waitingVerdicts()
        let last: Int64
        do throws(JournalError) {
            last = try readJournal()
        } catch {
            result.differences.add(.journalFlaw, trust.path, "\(error)")
            return
        }
        for entry in waiting where entry.seq > last { book.note(entry, isRecent: isRecent(entry)) }
    }

    private func isRecent(_ entry: JournalVerdict) -> Bool { entry.at > now - Ledger.remembrance + .seconds(3600) }

    private func waitingVerdicts() throws(LedgerError) -> [JournalVerdict] {
        var entries: [JournalVerdict] = []
        var after: Int64 = .min
        while true {
            let page = try ledger.outbox(after: after, limit: 64)
            guard let last = page.last else { return entries }
            after = last.firstSeq
            for line in page.flatMap({ $0.lines.split(separator: UInt8(ascii: "\n")) }) {
                if let entry = JournalVerdict(Array(line), prefix: ledger.identity.prefix) { entries.append(entry) }
            }
        }
    }

    /// - Returns: the last number.
    private mutating func readJournal() throws(JournalError) -> Int64 {
        let reader = try JournalReader(path: trust.path, from: .beginning)
        var last: Int64 = 0
        var time = Timestamp(microseconds: .min / 2)
        while true {
            let lines = try reader.next()
            if lines.isEmpty { break }
            for line in lines {
                guard let fields = line.fields, let seq = fields.lastSeq, fields.journal == ledger.identity.uuid else { continue }
                if fields.seq == nil || seq != last + 1 {
                    // Up to the time of what follows, which is a gap line's own.
                    let next = Self.time(of: line.bytes) ?? now
                    lost.append(time...max(time, next))
                }
                last = seq
                if let entry = JournalVerdict(line.bytes, prefix: ledger.identity.prefix) {
                    book.note(entry, isRecent: isRecent(entry))
                    time = max(time, entry.at)
                }
            }
        }
        if trust.isBehind { lost.append(time...max(time, now)) }
        return last
    }

    private static func time(of line: [UInt8]) -> Timestamp? {
        do throws(JSONError) { return try JSONValue(parsing: line)["at"]?.text.flatMap { Timestamp(iso8601: $0) } } catch { return nil }
    }
}
