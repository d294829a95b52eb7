import AzureStorage
import HTTPTransport
import IngestionModel
import KustoIngest
import KustoWire
import Ledger
import Logging
import ServiceLifecycle
import SpoolPrimitives

/// Drains the success and failure queues: verdicts are committed first, then the messages are deleted (protocol.md §3.6, §3.7, §5).
package actor NotificationPoller: Service {
    /// What happens to notifications about others' sources.
    package enum ForeignPolicy: Sendable, Hashable {
        /// Recorded in the journal and deleted: this daemon is the cluster's one reader.
        case journal
        /// Made visible again for whoever they belong to.
        case leave
    }

    private let context: EngineContext
    private let foreign: ForeignPolicy
    private let handler: NotificationHandler
    private let stopping = Flag()
    private var pace = PollingPace()
    private var warnedOfForeign = false
    /// How many pages of each queue the last drain had asked for at one time.
    private var widths: [String: Int] = [:]
    /// What the next page of each queue is thought to hold: as much as the largest of the last ones.
    private var pageSizes: [String: ByteCount] = [:]
    private var deleteWidth = DeleteWidth()
    /// Whether sources of earlier days may still be reported by queue, although no route is now.
    private var readsQueues = true

    package init(_ context: EngineContext, foreign: ForeignPolicy) {
        self.context = context
        self.foreign = foreign
        handler = NotificationHandler(identity: context.ledger.identity)
    }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await poll()
        } onGracefulShutdown: { [stopping, signals = context.signals] in
            stopping.set()
            signals.posted.raise()
        }
    }

    private func poll() async throws {
        let readings = ReadingRecord(context: context, channel: .queues)
        while !stopping.isSet, !Task.isCancelled {
            let began = context.time.wallNow
            var found = 0
            var goesOn = false
            let isNeeded = try await needsQueues()
            if isNeeded {
                let drain = try await drainAll()
                found = drain.found
                goesOn = drain.isComplete && drain.hadFullPage
                if drain.isComplete {
                    try await readings.completed(began: began)
                    try await Deadlines(context: context).expire()
                }
            } else {
                // Nothing can be in them for us. A file of a lost ledger waits for no more than this.
                context.drains.completed(began: began)
                context.signals.sources.raise()
            }
            // protocol.md §5: at once after a full page.
            if goesOn { continue }
            let awaiting = context.ledger.figures.total
            pace.drained(found: found, awaiting: isNeeded && (awaiting[.awaitingVerdict] ?? 0) + (awaiting[.ambiguous] ?? 0) > 0)
            let isPost = await pace.wait(for: context.signals.posted, on: context.time, random: context.random.unit()) { [stopping] in
                stopping.isSet
            }
            if isPost { pace.posted() }
        }
    }

    /// Where every route reports to a table, the queues are left to those who do read them, once what was posted before has its verdicts. No such
    /// source can come after that: a source's properties freeze when it is first posted.
    private func needsQueues() async throws(LedgerError) -> Bool {
        if context.spools.isEmpty || context.spools.contains(where: { $0.properties.effectiveReportMethod != .table }) { return true }
        if readsQueues { readsQueues = try await context.ledger.awaitsQueueReports(at: context.time.wallNow) }
        return readsQueues
    }

    // MARK: - Draining

    private struct Drain {
        var found = 0
        var hadFullPage = false
        /// Whether every queue was read until it was empty.
        var isComplete = true
    }

    /// All queues side by side, so that none waits behind another that fills as fast as it is read.
    private func drainAll() async throws(LedgerError) -> Drain {
        guard let snapshot = context.snapshots.current else { return Drain(isComplete: false) }
        let retired = await context.snapshots.retiredQueues()
        let outcomes = await withTaskGroup(of: Result<Drain, LedgerError>.self, returning: [Result<Drain, LedgerError>].self) { group in
            for queue in snapshot.notificationQueues + retired {
                group.addTask {
                    do throws(LedgerError) {
                        return .success(try await self.drain(queue, isRetired: retired.contains(queue)))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            var outcomes: [Result<Drain, LedgerError>] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        var total = Drain()
        for outcome in outcomes {
            let drain = try outcome.get()
            total.found += drain.found
            total.hadFullPage = total.hadFullPage || drain.hadFullPage
            total.isComplete = total.isComplete && drain.isComplete
        }
        return total
    }

    private enum Step: Sendable {
        case page([QueueMessage], ByteBudget.Loan)
        case refused(StorageError)
        /// Committed and deleted; foreign messages that are to be made visible again.
        case handled(left: [QueueMessage])
        case failed(LedgerError)
        case cancelled
    }

    /// Reads a queue until it is empty, or until as much was read as was in it at the beginning: foreign messages that are left come back.
    ///
    /// While one page is dealt with the next ones are on their way (``DrainWindow``).
    private func drain(_ queue: StorageResource, isRetired: Bool) async throws(LedgerError) -> Drain {
        let bound = await bound(of: queue)
        let began = context.time.monotonicNow
        var drain = Drain()
        var left: [QueueMessage] = []
        var window = DrainWindow(bound: bound.messages, width: (widths[queue.identity] ?? 1) / 2)
        var failure: LedgerError?
        await withTaskGroup(of: Step.self) { group in
            while true {
                if stopping.isSet || Task.isCancelled || failure != nil { window.close() }
                context.checkOutbox()
                // What was read at first is about to come back, and would be read again.
                if foreign == .leave, !window.isClosed, context.time.monotonicNow - began > bound.visibility {
                    drain.isComplete = false
                    window.close()
                }
                if !window.isClosed, !context.admission.allowsDraining {
                    drain.isComplete = false
                    window.close()
                }
                for _ in 0..<window.pagesToAsk() { group.addTask { await self.read(queue, visibility: bound.visibility) } }
                guard let step = await group.next() else { break }
                switch step {
                case .page(let page, let loan):
                    window.came(page.count, isFull: page.count == Self.pageSize)
                    if page.isEmpty { break }
                    await context.hooks.at(.notificationRead)
                    group.addTask { await self.deal(with: page, from: queue, loan) }
                case .refused(let error):
                    window.failed()
                    let isComplete = await failed(queue, error, isRetired: isRetired)
                    drain.isComplete = drain.isComplete && isComplete
                case .handled(let foreign):
                    window.done()
                    left += foreign
                case .failed(let error):
                    window.done()
                    failure = error
                case .cancelled:
                    window.failed()
                    drain.isComplete = false
                }
            }
        }
        if let failure { throw failure }
        widths[queue.identity] = window.width
        drain.found = window.messages
        drain.hadFullPage = window.hadFullPage && foreign == .journal
        if stopping.isSet { drain.isComplete = false }
        if isRetired, drain.isComplete, drain.found < bound.messages { await context.snapshots.retiredQueueDrained(queue) }
        await release(left, to: queue)
        return drain
    }

    private static let pageSize = 32
    /// A page of our own notifications is less than what its deletes hold.
    private static let usualPage = ByteCount(Int64(pageSize) * ByteBudget.perRequest.bytes)

    /// Memory is asked for before the page is, for hidden messages should not have to wait for it; what the page really holds is known afterwards.
    private func read(_ queue: StorageResource, visibility: Duration) async -> Step {
        let usual = pageSizes[queue.identity] ?? Self.usualPage
        guard let loan = await context.reportMemory.borrow(usual) else { return .cancelled }
        if stopping.isSet || !context.admission.allowsDraining {
            loan.giveBack()
            return .cancelled
        }
        do throws(StorageError) {
            let page = try await context.queues.getMessages(
                queue: queue.url, max: Self.pageSize, visibility: visibility, clientRequestID: context.requestID())
            // The message as it came, what is decoded of it, and the event that tells of it.
            let size = max(Self.usualPage, ByteCount(3 * page.reduce(0) { $0 + Int64($1.text.utf8.count) }))
            let known = pageSizes[queue.identity] ?? Self.usualPage
            pageSizes[queue.identity] = max(size, ByteCount(known.bytes / 8 * 7))
            loan.become(size)
            return .page(page, loan)
        } catch {
            loan.giveBack()
            return .refused(error)
        }
    }

    private func deal(with page: [QueueMessage], from queue: StorageResource, _ loan: ByteBudget.Loan) async -> Step {
        defer { loan.giveBack() }
        do throws(LedgerError) {
            return .handled(left: try await handle(page, from: queue))
        } catch {
            return .failed(error)
        }
    }

    private func bound(of queue: StorageResource) async -> DrainBound {
        guard foreign == .leave else { return .everything }
        var count = 1024
        do throws(StorageError) {
            count = try await context.queues.approximateMessageCount(queue: queue.url, clientRequestID: context.requestID())
        } catch {
            context.logger.debug("a queue does not tell its length", metadata: ["error": "\(error)"])
        }
        if count > 10_000 {
            context.logger.warning(
                "a notification queue grows: nobody reads what is left in it", metadata: ["queue": "\(queue)", "messages": "\(count)"])
        }
        return DrainBound(leavingForeignOf: count)
    }

    /// - Returns: whether the queue counts as read to its end: a retired one that is gone has nothing more to say.
    private func failed(_ queue: StorageResource, _ error: StorageError, isRetired: Bool) async -> Bool {
        let isRefused = Disposition(ofStorage: error.fault) == .refreshSnapshot
        if isRetired, isRefused {
            context.logger.notice("a notification queue that the service has replaced is gone", metadata: ["queue": "\(queue)"])
            await context.snapshots.retiredQueueDrained(queue)
            return true
        }
        context.logger.warning("a notification queue cannot be read; its verdicts will come late", metadata: ["error": "\(error)"])
        if isRefused { await context.resources.refused(queue) }
        return false
    }

    /// Commits what a page says, then deletes what is committed.
    ///
    /// - Returns: foreign messages that are to be made visible again.
    private func handle(_ page: [QueueMessage], from queue: StorageResource) async throws(LedgerError) -> [QueueMessage] {
        var changes: [LedgerChange] = []
        var notifications: [IngestionNotification?] = []
        var deletable: [QueueMessage] = []
        var left: [QueueMessage] = []
        for message in page {
            let (change, notification) = change(for: message, from: queue)
            guard let change else {
                // What gives it back needs no text, which would stay in memory until the queue is read.
                var bare = message
                bare.text = ""
                left.append(bare)
                continue
            }
            changes.append(change)
            notifications.append(notification)
            deletable.append(message)
        }
        let outcomes = try await context.ledger.commit(changes)
        try await VerdictFollowUp(context: context).follow(outcomes, notifications)
        await context.hooks.at(.verdictCommitted)
        await delete(deletable, from: queue)
        await context.hooks.at(.notificationDeleted)
        return left
    }

    /// Nil where the message is to be left alone.
    private func change(for message: QueueMessage, from queue: StorageResource) -> (LedgerChange?, IngestionNotification?) {
        let now = context.time.wallNow
        let notification: IngestionNotification
        do throws(IngestionNotificationError) {
            notification = try IngestionNotification(
                queueText: message.text, from: queue.kind == .successfulIngestionsQueue ? .successes : .failures)
        } catch {
            if foreign == .leave { return (nil, nil) }
            let text = IngestionNotification.scrubbedText(ofMessage: message.text)
            return (handler.record(.foreign, text, why: "a message that is no notification: \(error)", at: now), nil)
        }
        switch handler.owner(of: notification) {
        case .ours(let row):
            return (.source(SourceChange(row: row, handler.event(of: notification), at: now)), notification)
        case .forgotten:
            let why = "a blob of this instance whose source the ledger does not know; it was replaced or restored"
            return (handler.record(.forgotten, notification.scrubbedJSON, why: why, at: now), nil)
        case .foreign:
            warnOfForeign(queue)
            if foreign == .leave { return (nil, nil) }
            return (handler.record(.foreign, notification.scrubbedJSON, why: "another client's source", at: now), nil)
        }
    }

    private func warnOfForeign(_ queue: StorageResource) {
        guard !warnedOfForeign else { return }
        warnedOfForeign = true
        context.logger.warning(
            """
            the notification queues are shared with another client of this cluster, whose notifications this daemon \
            \(foreign == .journal ? "records in its journal and removes; set notifications.foreign: leave if somebody else needs them" : "leaves for it")
            """, metadata: ["queue": "\(queue)"])
    }

    /// A message that cannot be deleted comes again, and says nothing new then.
    private func delete(_ messages: [QueueMessage], from queue: StorageResource) async {
        let deletion = PageDeletion<QueueMessage>(width: deleteWidth.count, isStopping: { [stopping] in stopping.isSet }) {
            [context] message in
            do throws(StorageError) {
                let reply = try await context.queues.deleteMessage(
                    queue: queue.url, id: message.id, popReceipt: message.popReceipt, clientRequestID: context.requestID())
                return .answered(after: reply.timing.reusedConnection ? reply.timing.total : nil)
            } catch {
                context.logger.debug("a notification could not be deleted", metadata: ["error": "\(error)"])
                return error.status == nil ? .unanswered : .answered(after: nil)
            }
        }
        deleteWidth.deleted(fastest: await deletion.run(messages))
    }

    private func release(_ messages: [QueueMessage], to queue: StorageResource) async {
        for message in messages {
            do throws(StorageError) {
                _ = try await context.queues.updateMessage(
                    queue: queue.url, id: message.id, popReceipt: message.popReceipt, visibility: .zero,
                    clientRequestID: context.requestID())
            } catch {
                // It becomes visible by itself when its time is over.
                context.logger.debug("a foreign notification could not be released", metadata: ["error": "\(error)"])
            }
        }
    }
}
