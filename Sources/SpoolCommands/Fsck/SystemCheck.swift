import IngestionModel
import Ledger
import ResultJournal
import SpoolConfiguration
import SpoolDirectory
import SpoolPrimitives

/// Compares spools, ledger and journal, and changes nothing; with the daemon running or not.
///
/// Memory is bounded: directories are streamed, rows come in pages, and of the verdicts a byte a row is kept, so many rows at a time.
struct SystemCheck {
    /// What a look took in.
    struct Result {
        var differences = DifferenceBook()
        var rows = 0
        var lines = 0
    }

    let configuration: Configuration
    let ledger: LedgerReader
    let now: Timestamp

    /// A look, and where it found something a second one behind `pause`: what is on its way from one place to the next is at neither for a moment, and
    /// none of it stays so.
    func lookTwice(pause: () -> Void) -> Result {
        let first = look()
        if first.differences.isEmpty { return first }
        pause()
        var second = look()
        second.differences = second.differences.alsoIn(first.differences)
        return second
    }

    /// One look. What stops a part of it is one of its differences.
    func look() -> Result {
        var result = Result()
        let spools = configuration.spools.compactMap { open($0, &result) }
        do throws(LedgerError) {
            let problems = try ledger.integrityProblems()
            for problem in problems { result.differences.add(.ledgerDamaged, configuration.state, problem) }
            // Rows of a damaged file tell nothing about the others.
            guard problems.isEmpty else { return result }
            try LedgerCheck(ledger: ledger).run(&result.differences)
            for spool in spools { try spool.run(ledger, &result.differences) }
            let journal = JournalCheck(path: configuration.journal.path, ledger: ledger, now: now)
            let trust = try journal.run(&result)
            try RowCheck(ledger: ledger, spools: spools, configured: configuration.spools.map(\.path), now: now).run(trust, &result)
        } catch {
            result.differences.add(.ledgerDamaged, configuration.state, "\(error)")
        }
        return result
    }

    private func open(_ settings: SpoolSettings, _ result: inout Result) -> SpoolCheck? {
        do throws(SpoolError) {
            return SpoolCheck(settings: settings, root: try SpoolRoot.openForOperator(path: settings.path), ledger: ledger.identity)
        } catch {
            result.differences.add(.spoolUnopenable, settings.path, "\(error)")
            return nil
        }
    }
}
