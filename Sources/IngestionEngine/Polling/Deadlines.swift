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
            let rows = try await context.ledger.rows(.awaitingVerdict, spool: spool.key, before: began, reporting: [method], limit: 256)
            if rows.isEmpty { return }
            let outcomes = try await context.ledger.commit(rows.map { .source(change(of: $0)) })
            context.signals.verdicts.raise()
            for case .source(let progress, let spool) in outcomes where progress.state == .settled(.presumed) {
                context.holds.passed(spool)
            }
        }
    }

    private func change(of row: SourceRow) -> SourceChange {
        let reportsSuccesses = row.properties?.reportLevel != .failuresOnly
        var change = SourceChange(row: row.id.row, .deadlinePassed(reportsSuccesses: reportsSuccesses), at: context.time.wallNow)
        change.reason =
            reportsSuccesses
            ? "no notification came by the deadline; the file stays in .active until one comes, or `kusto-spool retry` sends it again"
            : "no failure was reported by the deadline"
        return change
    }
}
