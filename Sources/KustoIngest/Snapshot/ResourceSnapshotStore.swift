package import SpoolPrimitives

/// Holds the current resource snapshot and renews it: the one owner of `.get ingestion resources`.
///
/// A snapshot is swapped whole. A refresh that fails leaves the old one, which may still work, and is repeated by ``RefreshSchedule``; no failure is
/// remembered beyond that (P8). Any number of callers share one refresh, which has a hard deadline.
package actor ResourceSnapshotStore {
    package typealias Fetch = @Sendable () async throws(ManagementError) -> ResourceSnapshot

    /// What a refresh came to, for logs and `status`.
    package enum Event: Sendable {
        case refreshed(ResourceSnapshot)
        /// - Parameters:
        ///   - failures: in a row, this one included.
        ///   - nextIn: until the next attempt.
        ///   - isUsable: whether the old snapshot still serves.
        case failed(ManagementError, failures: Int, nextIn: Duration, isUsable: Bool)
    }

    private let fetch: Fetch
    private let time: any TimeSource
    private let random: RandomSource
    private let deadline: Duration
    private let report: @Sendable (Event) -> Void

    private let published = Lock<ResourceSnapshot?>(nil)
    private var schedule: RefreshSchedule
    private var retired = RetiredQueues()
    private var retiredTables = RetiredQueues()
    private var isRefreshing = false
    private let joiners = WaitingList<Result<ResourceSnapshot, ManagementError>>()
    private let firstWaiters = WaitingList<ResourceSnapshot>()
    private let subscribers = Lock<(next: Int, streams: [Int: AsyncStream<ResourceSnapshot>.Continuation])>((0, [:]))
    private let hint = Signal()

    /// - Parameters:
    ///   - fetch: usually ``ManagementClient/fetchSnapshot(on:)``; must return soon when its task is cancelled.
    ///   - deadline: of one refresh. Two commands, each of which the newer SDKs allow 30 s.
    ///   - report: called after each refresh, in order.
    package init(
        schedule: RefreshSchedule = RefreshSchedule(), time: any TimeSource = SystemTime(), random: RandomSource = .system,
        deadline: Duration = .seconds(30), report: @escaping @Sendable (Event) -> Void = { _ in }, fetch: @escaping Fetch
    ) {
        self.schedule = schedule
        self.time = time
        self.random = random
        self.deadline = deadline
        self.report = report
        self.fetch = fetch
    }

    /// The snapshot in use; nil before the first. Read without a hop to the actor, since every file asks.
    package nonisolated var current: ResourceSnapshot? { published.withLock { $0 } }

    /// Keeps the snapshot fresh until the task is cancelled. One task runs it.
    package func run() async {
        while !Task.isCancelled {
            let delay = schedule.delay(at: time.monotonicNow)
            if delay > .zero {
                await hint.wait(atMost: delay, on: time)
            } else {
                // The failure is in the schedule and reported already; the loop goes on.
                do { _ = try await refresh() } catch {}
            }
        }
    }

    /// Fetches a snapshot now, or joins the refresh that runs.
    package func refresh() async throws(ManagementError) -> ResourceSnapshot {
        while isRefreshing {
            guard let outcome = await joiners.wait() else { throw cancelled }
            // A refresh that ended because its own caller went away says nothing to those who joined it.
            if case .failure(let error) = outcome, error.isCancelled { continue }
            return try outcome.get()
        }
        if Task.isCancelled { throw cancelled }
        isRefreshing = true
        let outcome = await fetchWithinDeadline()
        isRefreshing = false
        settle(outcome)
        joiners.resume(with: outcome)
        return try outcome.get()
    }

    /// The current snapshot, or the first one when it comes; nil when none came in time or the task was cancelled.
    package func waitForFirst(atMost timeout: Duration) async -> ResourceSnapshot? {
        if let current { return current }
        return await withTaskGroup(of: ResourceSnapshot?.self) { group in
            group.addTask { await self.first() }
            group.addTask { [time] in
                do { try await time.sleep(for: timeout) } catch {}
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// Every snapshot from now on, the current one first. A slow reader sees only the newest.
    package nonisolated func updates() -> AsyncStream<ResourceSnapshot> {
        let (stream, continuation) = AsyncStream.makeStream(of: ResourceSnapshot.self, bufferingPolicy: .bufferingNewest(1))
        // The present snapshot is read and sent under the lock that a new one is sent under: the older can never come last.
        let id = subscribers.withLock { subscribers in
            subscribers.next += 1
            subscribers.streams[subscribers.next] = continuation
            if let current { continuation.yield(current) }
            return subscribers.next
        }
        continuation.onTermination = { [subscribers] _ in
            _ = subscribers.withLock { $0.streams.removeValue(forKey: id) }
        }
        return stream
    }

    /// Storage answered 403 or 404 to a signature of ours: a refresh follows soon, unless the resource has left the snapshot already.
    package func reportRejected(_ resource: StorageResource) {
        guard let current, current.all.contains(resource) else { return }
        schedule.resourceRejected(at: time.monotonicNow)
        hint.raise()
    }

    /// The service refused a message for its identity token or its blob's signature: a refresh follows soon.
    package func reportRejectedMessage() {
        schedule.messageRejected(at: time.monotonicNow)
        hint.raise()
    }

    /// Notification queues that left the snapshot and are still to be drained.
    package func retiredQueues() -> [StorageResource] {
        if let current { retired.expire(at: current.serverTime(at: time.monotonicNow)) }
        return retired.queues
    }

    /// A complete drain found a retired queue empty, or storage says that it is gone.
    package func retiredQueueDrained(_ queue: StorageResource) { retired.drained(queue) }

    /// The status table of that address with a signature that may still open it: of the snapshot, or of an earlier one; nil when there is none.
    package func statusTable(_ identity: String) -> StorageResource? {
        guard let current else { return nil }
        retiredTables.expire(at: current.serverTime(at: time.monotonicNow))
        return current.statusTable(identity) ?? retiredTables.queues.first { $0.identity == identity }
    }

    /// Storage says that a status table which has left the snapshot is gone.
    package func statusTableGone(_ table: StorageResource) { retiredTables.drained(table) }

    /// Refreshes that failed since the last good one.
    package var failures: Int { schedule.failures }

    private func first() async -> ResourceSnapshot? {
        if let current { return current }
        return await firstWaiters.wait()
    }

    private func fetchWithinDeadline() async -> Result<ResourceSnapshot, ManagementError> {
        await withTaskGroup(of: Result<ResourceSnapshot, ManagementError>.self) { group in
            group.addTask { [fetch] in
                do throws(ManagementError) {
                    return .success(try await fetch())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask { [time, deadline] in
                do throws(CancellationError) {
                    try await time.sleep(for: deadline)
                } catch {
                    return .failure(Self.error(.cancelled))
                }
                return .failure(Self.error(.deadline(deadline)))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(Self.error(.cancelled))
        }
    }

    private func settle(_ outcome: Result<ResourceSnapshot, ManagementError>) {
        let now = time.monotonicNow
        switch outcome {
        case .success(let snapshot):
            schedule.succeeded(at: now, life: snapshot.nearestExpiry.map { $0 - snapshot.serverTime(at: now) }, random: random)
            retired.replaced(current, by: snapshot)
            retiredTables.replacedTables(current, by: snapshot)
            published.withLock { $0 = snapshot }
            firstWaiters.resume(with: snapshot)
            subscribers.withLock { subscribers in
                for stream in subscribers.streams.values { stream.yield(snapshot) }
            }
            report(.refreshed(snapshot))
        case .failure(let error):
            if Task.isCancelled { return }
            schedule.failed(at: now, retryAfter: error.retryAfter, random: random)
            let isUsable = current.map { $0.isUsable(at: $0.serverTime(at: now)) } ?? false
            report(.failed(error, failures: schedule.failures, nextIn: schedule.delay(at: now), isUsable: isUsable))
        }
    }

    private var cancelled: ManagementError { Self.error(.cancelled) }

    private static func error(_ reason: ManagementError.Reason) -> ManagementError {
        ManagementError(operation: "refresh of the ingestion resources", reason: reason)
    }
}
