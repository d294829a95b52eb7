import IngestionModel
import KustoWire
package import Ledger
import Logging
import SpoolDirectory
import SpoolPrimitives

/// Holds routes that the service refuses, once and with one alert; sends a probe now and then, and releases all the rest when one passes.
package struct RouteTender: Sendable {
    private let context: EngineContext

    package init(_ context: EngineContext) { self.context = context }

    /// Looks at what has failed and passed since the last time, and sends the probes that are due.
    package func tend() async throws(LedgerError) {
        let now = context.time.wallNow
        for key in context.holds.takeLooks(among: context.spools.map(\.key)) {
            guard let spool = context.spool(key), let row = try await context.ledger.routeHeld(spool: key, limit: 1).first else { continue }
            if context.holds.hold(key, at: now, random: context.random.unit()) { alert(spool, row) }
        }
        for key in context.holds.takePassed() {
            // All of them, page by page, before the hold is forgotten: nobody would look for the rest.
            while true {
                let rows = try await context.ledger.routeHeld(spool: key, limit: 512)
                if rows.isEmpty { break }
                try await release(Array(rows.ofOneCommit))
            }
            context.holds.release(key)
            context.logger.notice(
                "the service takes the spool's files again", metadata: ["spool": "\(context.spool(key)?.root.path ?? "")"])
        }
        for key in context.holds.dueProbes(at: now, random: context.random.unit()) {
            let rows = try await context.ledger.routeHeld(spool: key, limit: 1)
            if rows.isEmpty { context.holds.wantFreshProbe(key) } else { try await release(rows) }
        }
    }

    private func release(_ rows: [SourceRow]) async throws(LedgerError) {
        let now = context.time.wallNow
        _ = try await context.ledger.commit(rows.map { .source(SourceChange(row: $0.id.row, .released(at: now), at: now)) })
    }

    private func alert(_ spool: Spool, _ row: SourceRow) {
        context.logger.error(
            "the service refuses what the spool's configuration names; its files are held, and probed now and then",
            metadata: [
                "spool": "\(spool.root.path)", "database": "\(spool.properties.database)", "table": "\(spool.properties.table)",
                "code": "\(row.code ?? "")", "reason": "\(row.reason ?? "")",
            ])
    }
}
