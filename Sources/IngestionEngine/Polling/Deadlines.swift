import IngestionModel
import KustoWire
import Ledger
import SpoolPrimitives

/// Ends the wait for verdicts whose deadline passed before a complete drain began, and about which that drain said nothing (protocol.md §5).
struct Deadlines: Sendable {
    let context: EngineContext

    func expire(before began: Timestamp) async throws(LedgerError) {
        for spool in context.spools {
            while true {
                let rows = try await context.ledger.rows(.awaitingVerdict, spool: spool.key, before: began, limit: 256)
                if rows.isEmpty { break }
                let outcomes = try await context.ledger.commit(rows.map { .source(change(of: $0)) })
                context.signals.verdicts.raise()
                for case .source(let progress, let spool) in outcomes where progress.state == .settled(.presumed) {
                    context.holds.passed(spool)
                }
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
