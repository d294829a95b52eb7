import IngestionModel
import KustoWire
import Ledger
import Logging
import ServiceLifecycle
import SpoolPrimitives

/// Keeps a bounded set of sources on their way: pulls from the ledger as slots become free, round robin over spools, and in turn from fresh,
/// deferred and ambiguous ones, so that neither a large spool nor a day's worth of retries starves the rest.
///
/// What waits stands in the ledger, not in memory.
package actor UploadScheduler: Service {
    private let context: EngineContext
    private let pipeline: SourcePipeline
    private let tender: RouteTender
    private let stopping = Flag()
    private var active: Set<Int64> = []
    /// Ended while somebody pulls: what the ledger was asked before may show them as they were.
    private var ended: Set<Int64> = []
    private var pulls = 0
    private var ahead: [Line: RowsAhead] = [:]
    /// Slots that wait for the rows that another slot has asked the ledger for.
    private var awaitingSearch: [Line: [CheckedContinuation<Void, Never>]] = [:]
    private var turn = 0
    private var failure: LedgerError?

    /// What waits its turn in the order of its due times.
    private struct Line: Hashable {
        var work: Work
        var spool: SpoolKey
    }

    package init(_ context: EngineContext) {
        self.context = context
        pipeline = SourcePipeline(context)
        tender = RouteTender(context)
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
                    let asOf = context.time.wallNow
                    let ready = try await pull(atMost: context.limits.concurrency)
                    for (row, spool) in ready { group.addTask { await self.work(row, spool) } }
                    if ready.isEmpty { await waitForWork(since: asOf) }
                }
            } catch {
                failure = error as? LedgerError ?? LedgerError(.other, operation: "scheduling", detail: "\(error)")
            }
            await drain()
            group.cancelAll()
        }
        if let failure { throw failure }
    }

    /// One slot: whoever has brought a source to its end takes the next one, as long as there is one, and wakes nobody for it.
    private func work(_ first: SourceRow, _ itsSpool: Spool) async {
        var next: (row: SourceRow, spool: Spool)? = (first, itsSpool)
        while let (row, spool) = next {
            next = nil
            do throws(LedgerError) {
                try await pipeline.run(row, of: spool)
                ended(row, of: spool)
                if !stopping.isSet, !Task.isCancelled, failure == nil { next = try await pull(atMost: 1).first }
                // There is more to do, and the windows may have become wider than there are slots for.
                if next != nil, active.count < concurrency { context.signals.sources.raise() }
            } catch {
                // The source keeps its last committed state; what the ledger cannot store, the daemon must not go on with.
                context.logger.error("the ledger failed", metadata: ["source": "\(row.id)", "error": "\(error)"])
                failure = error
                ended(row, of: spool)
            }
        }
        context.signals.sources.raise()
    }

    private func ended(_ row: SourceRow, of spool: Spool) {
        active.remove(row.id.row)
        if pulls > 0 { ended.insert(row.id.row) }
        // Its watcher claims in batches, and need not be told of every file while there is enough to do.
        if context.ledger.figures.count(.fresh, of: spool.key) < context.limits.leastFresh { context.signals.room.raise(spool.key) }
    }

    /// As many as the accounts' windows have a use for, within the limit: a source is in an upload for a part of its way only, and waits for commits and for
    /// its post besides. What only waited before a window would stand in memory for nothing.
    private var concurrency: Int { min(context.limits.concurrency, max(64, 4 * context.gates.capacity)) }

    /// Rows for the free slots, which are active from now on. Each spool gives at most its share of a pull; spools and kinds of work take turns in
    /// coming first, so that with one free slot at a time all of them get theirs.
    private func pull(atMost limit: Int) async throws(LedgerError) -> [(SourceRow, Spool)] {
        let free = min(limit, concurrency - active.count)
        context.checkOutbox()
        guard free > 0, !context.spools.isEmpty, context.resources.present != nil, context.admission.allowsUploads else { return [] }
        pulls += 1
        defer {
            pulls -= 1
            if pulls == 0 { ended = [] }
        }
        try await tender.tend()
        turn += 1
        let works = [Work.fresh, .deferred, .ambiguous]
        let share = max(1, free / (works.count * context.spools.count))
        var ready: [(SourceRow, Spool)] = []
        for kind in works.indices {
            let work = works[(turn + kind) % works.count]
            for offset in context.spools.indices {
                let spool = context.spools[(turn / works.count + offset) % context.spools.count]
                let wanted = min(share, free - ready.count)
                guard wanted > 0 else { return ready }
                let rows = try await rows(work, of: spool, wanted)
                active.formUnion(rows.lazy.map(\.id.row))
                ready += rows.map { ($0, spool) }
            }
        }
        return ready
    }

    private func rows(_ work: Work, of spool: Spool, _ wanted: Int) async throws(LedgerError) -> [SourceRow] {
        switch work {
        case .fresh:
            // A held route sends its probes only, which are deferred ones, or where none of its files is held, one fresh file.
            guard context.holds.isHeld(spool.key) else { return try await next(.fresh, of: spool, wanted) }
            guard context.holds.wantsFreshProbe(spool.key) else { return [] }
            let probe = try await next(.fresh, of: spool, 1)
            if !probe.isEmpty { context.holds.freshProbeGoes(spool.key) }
            return probe
        case .deferred:
            guard context.holds.isHeld(spool.key) else { return try await next(.deferred, of: spool, wanted) }
            // What was read ahead is held with its route.
            ahead[Line(work: work, spool: spool.key)] = nil
            return try await self.rows(work, of: spool, before: context.time.wallNow, reporting: nil, wanted)
        case .ambiguous:
            guard context.ledger.figures.count(.ambiguous, of: spool.key) != 0 else { return [] }
            // Whose wait is over, and after which the notification queues were drained to the end (protocol.md §4).
            var rows: [SourceRow] = []
            for method in [ReportMethod.queue, .table, .queueAndTable] where rows.count < wanted {
                guard let began = context.readingBegan(of: method) else { continue }
                rows += try await self.rows(work, of: spool, before: began, reporting: [method], wanted - rows.count)
            }
            return rows
        default: return []
        }
    }

    /// The next rows of a line, which are read ahead.
    private func next(_ work: Work, of spool: Spool, _ wanted: Int) async throws(LedgerError) -> [SourceRow] {
        let line = Line(work: work, spool: spool.key)
        if awaitingSearch[line] != nil {
            // Hundreds of slots find that there are none left in the same moment: one asks, and what it finds is for all of them. Who gets none ends,
            // which lets the scheduler look again.
            await withCheckedContinuation { awaitingSearch[line]?.append($0) }
        } else if ahead[line]?.isEmpty ?? true, context.ledger.figures.count(work, of: spool.key) > 0 {
            awaitingSearch[line] = []
            defer { for slot in awaitingSearch.removeValue(forKey: line) ?? [] { slot.resume() } }
            try await search(line, wanted)
        }
        // What was read ahead while its route was held and released again may be on its way as a probe.
        return ahead[line, default: RowsAhead()].take(atMost: wanted).filter { !active.contains($0.id.row) }
    }

    /// Fresh rows are made and then leave their line for good, so that a search begins where the last one ended. A deferred one may be back, and due, before
    /// its slot has ended, and would be passed over: all of its line are looked at each time.
    private func search(_ line: Line, _ wanted: Int) async throws(LedgerError) {
        let insertions = context.ledger.figures.insertions
        var place: Ledger.Place?
        if line.work == .fresh {
            switch ahead[line, default: RowsAhead()].search(at: context.time.monotonicNow, insertions: insertions) {
            case .no: return
            case .everywhere: break
            case .behind(let last): place = last
            }
        }
        // Without a place those on their way come as well, and come first.
        let batch = max(wanted, context.limits.readAhead) + (place == nil ? active.count : 0)
        let rows = try await context.ledger.rows(line.work, spool: line.spool, before: context.time.wallNow, after: place, limit: batch)
        ahead[line, default: RowsAhead()].refill(
            rows.filter { !isTaken($0) }, last: rows.last, exhaustedAt: rows.count < batch ? insertions : nil)
    }

    private func rows(
        _ work: Work, of spool: Spool, before: Timestamp, reporting methods: Set<ReportMethod>?, _ wanted: Int
    ) async throws(LedgerError) -> [SourceRow] {
        if context.ledger.figures.count(work, of: spool.key) == 0 { return [] }
        // Those that are on their way are still in the index: ask for as many more.
        let rows = try await context.ledger.rows(
            work, spool: spool.key, before: before, reporting: methods, limit: wanted + active.count)
        var free: [SourceRow] = []
        free.reserveCapacity(min(wanted, rows.count))
        for row in rows where free.count < wanted && !isTaken(row) { free.append(row) }
        return free
    }

    /// On its way, or back from it a moment ago: then the row is an old one.
    private func isTaken(_ row: SourceRow) -> Bool { active.contains(row.id.row) || ended.contains(row.id.row) }

    /// Until a signal (a claim, a slot, a snapshot, a drain), or until something becomes due that is not due yet. What is due and was not pulled is
    /// on its way, and its end raises the signal.
    ///
    /// - Parameter asOf: before the pull that found nothing: what has become due since was not seen by it.
    private func waitForWork(since asOf: Timestamp) async {
        var wait = Duration.seconds(30)
        let asked = context.time.monotonicNow
        if context.resources.present != nil, active.count < concurrency {
            let now = context.time.wallNow
            var next: [Timestamp] = context.holds.earliestProbe.map { [$0] } ?? []
            do throws(LedgerError) {
                for spool in context.spools where context.ledger.figures.count(.deferred, of: spool.key) > 0 {
                    if let due = try await context.ledger.earliestDue(.deferred, spool: spool.key, after: asOf) {
                        if due <= now { return }
                        next.append(due)
                    }
                }
            } catch {
                failure = error
                return
            }
            for due in next { wait = min(wait, max(due - now, .milliseconds(10))) }
        }
        // From when it was asked: the ledger's answers took their time, and so may the way into the sleep.
        await context.signals.sources.wait(until: asked + wait, on: context.time)
    }

    /// Waits until nothing is in flight, at most for `limits.drainTime`; what is cut off then is ambiguous, or uploaded again at the next start.
    private func drain() async {
        let end = context.time.monotonicNow + context.limits.drainTime
        while !active.isEmpty, failure == nil, !Task.isCancelled, context.time.monotonicNow < end {
            await context.signals.sources.wait(until: end, on: context.time)
        }
    }
}
