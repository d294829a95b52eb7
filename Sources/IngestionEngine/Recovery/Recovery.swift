import IngestionModel
import Ledger
import Logging
import SpoolDirectory
import SpoolPrimitives

/// What a start does before anything else (protocol.md §3, "On start"): rows and directories are made to agree.
///
/// - `.active` without a row: never uploaded; the rows are made (rule 2). In another ledger's claim it counts as ambiguous. That comparison takes its time
///   where a million files await their verdict, so that the ``Housekeeper`` begins with it; until it is over the spool's watcher and the disposer wait.
/// - `posting`: the message was perhaps put: ambiguous.
/// - A file whose size is not its row's: held, never ingested cut short. A row whose file is nowhere: `vanished`.
/// - Everything else goes on where its row says: claimed is uploaded again, queued waits, a verdict without disposal is disposed of.
package struct Recovery: Sendable {
    private let context: EngineContext

    package init(_ context: EngineContext) { self.context = context }

    package func run() async throws {
        try await markInterruptedPosts()
        try await reportStranded()
        // Whoever mended what kept files from being moved has perhaps started the daemon anew for it.
        _ = try await context.ledger.commit(.hasten(.disposal, at: context.time.wallNow))
        context.reconciled.begin(context.spools.map(\.key))
        for spool in context.spools { try await UnpostedFileCheck(context: context, spool: spool).run() }
    }

    /// Files of spools that the configuration no longer names: they stay where they are, and somebody has to know.
    private func reportStranded() async throws(LedgerError) {
        let stranded = try await context.ledger.strandedCount(otherThan: context.spools.map(\.key))
        for (path, count) in stranded {
            context.logger.error(
                "files of a spool that the configuration no longer names have no verdict; name it again to have them ingested",
                metadata: ["spool": "\(path)", "files": "\(count)"])
        }
    }

    private func markInterruptedPosts() async throws(LedgerError) {
        var interrupted = 0
        while true {
            let rows = try await context.ledger.interruptedPosts(limit: 512)
            if rows.isEmpty { break }
            let now = context.time.wallNow
            let changes = rows.map { row -> LedgerChange in
                let wait = context.spool(row.spool)?.rules.repostsAfter ?? SpoolRules().repostsAfter
                return .source(
                    SourceChange(
                        row: row.id.row, .interrupted(repostAt: now + wait), at: now,
                        reason: "the daemon ended while the message was on its way"))
            }
            _ = try await context.ledger.commit(changes)
            interrupted += rows.count
        }
        if interrupted > 0 {
            context.logger.notice("posts were interrupted by the end of the last run", metadata: ["sources": "\(interrupted)"])
        }
    }
}
