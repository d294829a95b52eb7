import IngestionModel
import Ledger
import Logging
package import ServiceLifecycle
import SpoolPrimitives

/// Keeps a bounded set of sources on their way: pulls from the ledger as slots become free, round robin over spools, and in turn from fresh
/// and deferred ones, so that neither a large spool nor a day's worth of retries starves the rest.
///
/// What waits stands in the ledger, not in memory.
package actor UploadScheduler: Service {
    private let context: EngineContext
    private let pipeline: SourcePipeline
    private let stopping = Flag()
    private var active: Set<Int64> = []
    private var nextSpool = 0
    private var failure: LedgerError?

    package init(_ context: EngineContext) {
        self.context = context
        pipeline = SourcePipeline(context)
    }

    /// Runs until a graceful stop; then what is in flight has `limits.drainTime` to end.
    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await schedule()
        } onGracefulShutdown: { [stopping, signals = context.signals] in
            stopping.set()
            signals.sources.raise()
        }
    }

    private func schedule() async throws {
        await withDiscardingTaskGroup { group in
            do {
                while !stopping.isSet, !Task.isCancelled, failure == nil {
                    let ready = try await pull()
                    for (row, spool) in ready {
                        active.insert(row.id.row)
                        group.addTask { await self.work(row, spool) }
                    }
                    if ready.isEmpty { await waitForWork() }
                }
            } catch {
                failure = error as? LedgerError ?? LedgerError(.other, operation: "scheduling", detail: "\(error)")
            }
            await drain()
            group.cancelAll()
        }
        if let failure { throw failure }
    }

    private func work(_ row: SourceRow, _ spool: Spool) async {
        do throws(LedgerError) {
            try await pipeline.run(row, of: spool)
        } catch {
            // The source keeps its last committed state; what the ledger cannot store, the daemon must not go on with.
            context.logger.error("the ledger failed", metadata: ["source": "\(row.id)", "error": "\(error)"])
            failure = error
        }
        active.remove(row.id.row)
        context.signals.sources.raise()
        context.signals.room.raise()
    }

    /// Rows for the free slots. Each spool gives at most its share of a pull; deferred and fresh ones take turns.
    private func pull() async throws(LedgerError) -> [(SourceRow, Spool)] {
        let free = context.limits.concurrency - active.count
        guard free > 0, !context.spools.isEmpty, context.resources.present != nil else { return [] }
        let now = context.time.wallNow
        var ready: [(SourceRow, Spool)] = []
        let share = max(1, free / (2 * context.spools.count))
        for offset in context.spools.indices {
            let spool = context.spools[(nextSpool + offset) % context.spools.count]
            for work in [Work.fresh, .deferred] {
                let wanted = min(share, free - ready.count)
                guard wanted > 0 else { return ready }
                // Those that are on their way are still in the index: ask for as many more.
                let rows = try await context.ledger.rows(work, spool: spool.key, before: now, limit: wanted + active.count)
                ready += rows.lazy.filter { !self.active.contains($0.id.row) }.prefix(wanted).map { ($0, spool) }
            }
        }
        nextSpool = (nextSpool + 1) % context.spools.count
        ready += try await dueReposts(limit: free - ready.count)
        return ready
    }

    /// Ambiguous sources whose wait is over and after which the notification queues were drained to the end (protocol.md §4).
    private func dueReposts(limit: Int) async throws(LedgerError) -> [(SourceRow, Spool)] {
        guard limit > 0, let drained = context.drains.lastCompleteBegan else { return [] }
        let rows = try await context.ledger.rows(.ambiguous, before: drained, limit: limit + active.count)
        return rows.lazy.filter { !self.active.contains($0.id.row) }.prefix(limit).compactMap { row in
            context.spool(row.spool).map { (row, $0) }
        }
    }

    private func waitForWork() async {
        var wait = Duration.seconds(30)
        do throws(LedgerError) {
            if let due = try await context.ledger.earliestDue(.deferred) { wait = min(wait, max(due - context.time.wallNow, .milliseconds(10))) }
        } catch {
            failure = error
            return
        }
        if active.count >= context.limits.concurrency { wait = .seconds(30) }
        await context.signals.sources.wait(atMost: wait, on: context.time)
    }

    /// Waits until nothing is in flight, at most for `limits.drainTime`; what is cut off then is ambiguous, or uploaded again at the next start.
    private func drain() async {
        let end = context.time.monotonicNow + context.limits.drainTime
        while !active.isEmpty, context.time.monotonicNow < end {
            await context.signals.sources.wait(atMost: end - context.time.monotonicNow, on: context.time)
        }
    }
}
