import Ledger
import ResultJournal
import SpoolPrimitives

/// What a comparison of verdicts may believe of the journal.
struct JournalTrust {
    var path: String
    /// Whether there is anything to compare with.
    var isThere: Bool
    /// Where the next event would have been, had lines not been lost at the end.
    var isBehind: Bool
}

/// The journal with itself, and its numbers with the ledger's.
struct JournalCheck {
    let path: String
    let ledger: LedgerReader
    let now: Timestamp

    func run(_ result: inout SystemCheck.Result) throws(LedgerError) -> JournalTrust {
        // Whatever was not in the outbox before the journal was read has to be in it; and nothing in it may be unknown to the ledger after that.
        let before = try ledger.numbers()
        let given = (before.outbox?.lowerBound ?? before.nextSeq ?? 1) - 1
        let report: JournalVerifier.Report
        do throws(JournalError) {
            report = try JournalReader.verify(path: path, journal: ledger.identity.uuid, patience: .milliseconds(500))
        } catch {
            result.differences.add(.journalFlaw, path, "\(error)")
            return JournalTrust(path: path, isThere: false, isBehind: true)
        }
        result.lines = report.lines
        if report.files == 0 || report.lines == 0 {
            if given > 0 { result.differences.add(.journalGone, path, "the events 1 to \(given)") }
            return JournalTrust(path: path, isThere: report.files > 0, isBehind: true)
        }
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        for problem in report.problems {
            let kind: DifferenceKind = if case .announcedGap = problem.kind { .journalGap } else { .journalFlaw }
            result.differences.add(kind, "\(directory)\(problem.file):\(problem.line)", "\(problem.kind.name): \(problem.sentence)")
        }
        let last = report.lastSeq ?? 0
        if last < given { result.differences.add(.journalBehind, path, "the events \(last + 1) to \(given)") }
        if let next = try ledger.numbers().nextSeq, last >= next {
            result.differences.add(.journalAhead, path, "it has \(last), and the ledger's next event would be \(next)")
        }
        return JournalTrust(path: path, isThere: true, isBehind: last < given)
    }
}
