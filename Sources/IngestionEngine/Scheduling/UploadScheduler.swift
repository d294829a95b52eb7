import IngestionModel
import KustoWire
import Ledger
import Logging
import ServiceLifecycle
import SpoolDirectory
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
    /// Ended since the current pull began: what the ledger was asked before may show them as they were.
    private var ended: Set<Int64> = []
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
        ended.insert(row.id.row)
        context.signals.sources.raise()
        context.signals.room.raise()
    }

    /// Rows for the free slots. Each spool gives at most its share of a pull; deferred and fresh ones take turns.
    private func pull() async throws(LedgerError) -> [(SourceRow, Spool)] {
        let free = context.limits.concurrency - active.count
        guard free > 0, !context.spools.isEmpty, context.resources.present != nil else { return [] }
        ended = []
        try await tendHolds()
        let now = context.time.wallNow
        var ready: [(SourceRow, Spool)] = []
        let share = max(1, free / (2 * context.spools.count))
        for offset in context.spools.indices {
            let spool = context.spools[(nextSpool + offset) % context.spools.count]
            // A held route sends its probes only, which are deferred ones.
            for work in context.holds.isHeld(spool.key) ? [Work.deferred] : [.fresh, .deferred] {
                let wanted = min(share, free - ready.count)
                guard wanted > 0 else { return ready }
                // Those that are on their way are still in the index: ask for as many more.
                let rows = try await context.ledger.rows(work, spool: spool.key, before: now, limit: wanted + active.count)
                ready += rows.lazy.filter { !self.isTaken($0) }.prefix(wanted).map { ($0, spool) }
            }
        }
        nextSpool = (nextSpool + 1) % context.spools.count
        ready += try await dueReposts(limit: free - ready.count)
        return ready
    }

    /// On its way, or back from it a moment ago: then the row is an old one.
    private func isTaken(_ row: SourceRow) -> Bool { active.contains(row.id.row) || ended.contains(row.id.row) }

    /// Ambiguous sources whose wait is over and after which the notification queues were drained to the end (protocol.md §4).
    private func dueReposts(limit: Int) async throws(LedgerError) -> [(SourceRow, Spool)] {
        guard limit > 0, let drained = context.drains.lastCompleteBegan else { return [] }
        let rows = try await context.ledger.rows(.ambiguous, before: drained, limit: limit + active.count)
        return rows.lazy.filter { !self.isTaken($0) }.prefix(limit).compactMap { row in
            context.spool(row.spool).map { (row, $0) }
        }
    }

    /// Routes that the service refuses are held once, with one alert; a probe goes out now and then, and its success releases the rest.
    private func tendHolds() async throws(LedgerError) {
        let holds = context.holds
        let now = context.time.wallNow
        if holds.takeNeedsLook() {
            for spool in context.spools {
                guard let row = try await routeHeldRows(of: spool, limit: 1).first else { continue }
                if holds.hold(spool.key, at: now, random: context.random.unit()) {
                    context.logger.error(
                        "the service refuses what the spool's configuration names; its files are held, and probed now and then",
                        metadata: [
                            "spool": "\(spool.root.path)", "database": "\(spool.properties.database)", "table": "\(spool.properties.table)",
                            "code": "\(row.code ?? "")", "reason": "\(row.reason ?? "")",
                        ])
                }
            }
        }
        for key in holds.takePassed() {
            guard let spool = context.spool(key) else { continue }
            try await release(routeHeldRows(of: spool, limit: .max))
            holds.release(key)
            context.logger.notice("the service takes the spool's files again", metadata: ["spool": "\(spool.root.path)"])
        }
        for key in holds.dueProbes(at: now) {
            if let spool = context.spool(key) { try await release(routeHeldRows(of: spool, limit: 1)) }
        }
    }

    private func routeHeldRows(of spool: Spool, limit: Int) async throws(LedgerError) -> [SourceRow] {
        let rows = try await context.ledger.rows(.held, spool: spool.key, limit: spool.rules.admission)
        let held = rows.filter { row in
            if case .held(.route, _) = row.progress.state { true } else { false }
        }
        return Array(held.prefix(limit))
    }

    private func release(_ rows: [SourceRow]) async throws(LedgerError) {
        let now = context.time.wallNow
        _ = try await context.ledger.commit(rows.map { .source(SourceChange(row: $0.id.row, .released(at: now), at: now)) })
    }

    private func waitForWork() async {
        var wait = Duration.seconds(30)
        if let probe = context.holds.earliestProbe { wait = min(wait, max(probe - context.time.wallNow, .milliseconds(10))) }
        do throws(LedgerError) {
            if let due = try await context.ledger.earliestDue(.deferred) {
                wait = min(wait, max(due - context.time.wallNow, .milliseconds(10)))
            }
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
