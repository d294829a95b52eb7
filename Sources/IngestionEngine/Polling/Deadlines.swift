import IngestionModel
import KustoWire
import Ledger
import SpoolPrimitives

/// Ends the wait for verdicts whose deadline passed before a complete reading of their reports began, and about which that said nothing
/// (protocol.md §5).
struct Deadlines: Sendable {
    let context: EngineContext

    func expire() async throws(LedgerError) {
        for method in [ReportMethod.queue, .table, .queueAndTable] {
            guard let began = context.readingBegan(of: method) else { continue }
            for spool in context.spools { try await expire(spool, method, before: began) }
        }
    }

    private func expire(_ spool: Spool, _ method: ReportMethod, before began: Timestamp) async throws(LedgerError) {
        while true {
            let due = try await context.ledger.rows(.awaitingVerdict, spool: spool.key, before: began, reporting: [method], limit: 256)
            if due.isEmpty { return }
            let rows = Array(due.ofOneCommit)
            let failures = await FailureConsultation(context: context).failures(of: rows)
            let outcomes = try await context.ledger.commit(rows.map { .source(change(of: $0, found: failures[$0.id.row])) })
            context.signals.verdicts.raise()
            for case .source(let progress, let spool) in outcomes where progress.state == .settled(.presumed) {
                context.holds.passed(spool)
            }
        }
    }

    /// Sources that ended unconfirmed are asked about again: the engine could not be asked then, or had not failed yet. Its memory is 14 days.
    func askAgain(isStopping: () -> Bool) async throws(LedgerError) {
        guard context.failures != nil else { return }
        let since = context.time.wallNow - .seconds(14 * 86_400)
        for spool in context.spools {
            var last: Int64 = 0
            while !isStopping() {
                let rows = try await context.ledger.unconfirmed(spool: spool.key, since: since, after: last, limit: 256)
                guard let end = rows.last else { break }
                last = end.id.row
                let failures = await FailureConsultation(context: context).failures(of: rows)
                let now = context.time.wallNow
                let changes = failures.map { LedgerChange.source(SourceChange(row: $0.key, .foundFailure($0.value), at: now)) }
                _ = try await context.ledger.commit(changes)
                if !changes.isEmpty { context.signals.verdicts.raise() }
            }
        }
    }

    private func change(of row: SourceRow, found failure: FailureReport?) -> SourceChange {
        if let failure { return SourceChange(row: row.id.row, .foundFailure(failure), at: context.time.wallNow) }
        let reportsSuccesses = row.properties?.reportLevel != .failuresOnly
        var change = SourceChange(row: row.id.row, .deadlinePassed(reportsSuccesses: reportsSuccesses), at: context.time.wallNow)
        change.reason =
            reportsSuccesses
            ? "no notification came by the deadline; the file stays in .active until one comes, or `kusto-spool retry` sends it again"
            : "no failure was reported by the deadline"
        return change
    }
}
