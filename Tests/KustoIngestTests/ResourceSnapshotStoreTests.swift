import KustoIngest
import SpoolPrimitives
import Testing

@Suite(.timeLimit(.minutes(10))) struct ResourceSnapshotStoreTests {
    /// A fetch that waits for the test to answer it.
    private final class Fetches: Sendable {
        typealias Outcome = Result<ResourceSnapshot, ManagementError>
        private let state = Lock((started: 0, waiting: [UnsafeContinuation<Outcome, Never>](), cancelled: 0))
        var started: Int { state.withLock { $0.started } }
        var waiting: Int { state.withLock { $0.waiting.count } }

        func fetch() async throws(ManagementError) -> ResourceSnapshot {
            let outcome: Outcome = await withTaskCancellationHandler {
                await withUnsafeContinuation { continuation in
                    state.withLock { state in
                        state.started += 1
                        state.waiting.append(continuation)
                    }
                    if Task.isCancelled { answer(.failure(ManagementError(operation: "fetch", reason: .cancelled))) }
                }
            } onCancel: {
                answer(.failure(ManagementError(operation: "fetch", reason: .cancelled)))
            }
            return try outcome.get()
        }

        func answer(_ outcome: Outcome) {
            let waiting = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume(returning: outcome) }
        }
    }

    private static func store(
        _ fetches: Fetches, _ time: ManualTime, report: @escaping @Sendable (ResourceSnapshotStore.Event) -> Void = { _ in }
    ) -> ResourceSnapshotStore {
        var policy = RefreshSchedule.Policy()
        policy.jitter = 0
        return ResourceSnapshotStore(schedule: RefreshSchedule(policy: policy), time: time, random: .seeded(1), report: report) {
            () async throws(ManagementError) in try await fetches.fetch()
        }
    }

    @Test("any number of callers share one refresh")
    func singleFlight() async throws {
        let fetches = Fetches()
        let store = Self.store(fetches, ManualTime())
        let snapshot = try Fixtures.snapshot()
        try await withThrowingTaskGroup(of: ResourceSnapshot.self) { group in
            for _ in 0..<20 { group.addTask { try await store.refresh() } }
            await until { fetches.waiting == 1 }
            for _ in 0..<100 { await Task.yield() }
            fetches.answer(.success(snapshot))
            for try await result in group { #expect(result.moment == snapshot.moment) }
        }
        #expect(fetches.started == 1)
        #expect(store.current != nil)
    }

    @Test("a failed refresh keeps the old snapshot, reports itself, and is not remembered")
    func failureKeepsOld() async throws {
        let fetches = Fetches()
        let events = Lock<[String]>([])
        let store = Self.store(fetches, ManualTime()) { event in
            events.withLock { events in
                switch event {
                case .refreshed(let snapshot): events.append("refreshed \(snapshot.containers.count)")
                case .failed(let error, let failures, let nextIn, let isUsable):
                    events.append("failed \(error.status ?? 0) \(failures) \(nextIn) \(isUsable)")
                }
            }
        }
        for outcome: Fetches.Outcome in [
            .failure(Fixtures.failure()), .success(try Fixtures.snapshot()), .failure(Fixtures.failure(429, retryAfter: .seconds(90))),
            .success(try Fixtures.snapshot(accounts: [(2, 1)])),
        ] {
            async let result = { () async -> Bool in
                do throws(ManagementError) {
                    _ = try await store.refresh()
                    return true
                } catch {
                    return false
                }
            }()
            await until { fetches.waiting == 1 }
            fetches.answer(outcome)
            _ = await result
        }
        #expect(
            events.withLock { $0 } == [
                "failed 503 1 1.0 seconds false", "refreshed 1", "failed 429 1 90.0 seconds true", "refreshed 2",
            ])
        #expect(store.current?.containers.count == 2)
    }

    @Test("a refresh that hangs ends at its deadline")
    func deadline() async throws {
        let fetches = Fetches()
        let time = ManualTime()
        let store = Self.store(fetches, time)
        async let error = { () async -> ManagementError? in
            do throws(ManagementError) {
                _ = try await store.refresh()
                return nil
            } catch {
                return error
            }
        }()
        await time.untilAlarm(at: .seconds(30))
        time.advance(by: .seconds(30))
        guard case .deadline(.seconds(30)) = await error?.reason else {
            Issue.record("no deadline")
            return
        }
        #expect(await store.failures == 1)
    }

    @Test("when the caller that began a refresh goes away, those who joined it begin their own")
    func leaderCancelled() async throws {
        let fetches = Fetches()
        let store = Self.store(fetches, ManualTime())
        let snapshot = try Fixtures.snapshot()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            let leader = Task {
                do { _ = try await store.refresh() } catch {}
            }
            await until { fetches.waiting == 1 }
            group.addTask { try await store.refresh().moment == snapshot.moment }
            for _ in 0..<100 { await Task.yield() }
            leader.cancel()
            await leader.value
            await until { fetches.started == 2 && fetches.waiting == 1 }
            fetches.answer(.success(snapshot))
            for try await same in group { #expect(same) }
        }
        #expect(await store.failures == 0)
    }

    @Test("a caller that goes away while it waits for another's refresh leaves at once")
    func joinerCancelled() async throws {
        let fetches = Fetches()
        let store = Self.store(fetches, ManualTime())
        async let leader = store.refresh()
        await until { fetches.waiting == 1 }
        let joiner = Task { () async -> Bool in
            do throws(ManagementError) {
                _ = try await store.refresh()
                return false
            } catch {
                return error.isCancelled
            }
        }
        for _ in 0..<100 { await Task.yield() }
        joiner.cancel()
        #expect(await joiner.value)
        fetches.answer(.success(try Fixtures.snapshot()))
        _ = try await leader
    }

    @Test("who waits for the first snapshot gets it, or nothing when none comes in time")
    func waitForFirst() async throws {
        let fetches = Fetches()
        let time = ManualTime()
        let store = Self.store(fetches, time)
        async let none = store.waitForFirst(atMost: .seconds(5))
        await time.untilAlarm(at: .seconds(5))
        time.advance(by: .seconds(5))
        #expect(await none == nil)

        async let first = store.waitForFirst(atMost: .seconds(60))
        await time.untilAlarm(at: .seconds(65))
        async let refreshed = store.refresh()
        await until { fetches.waiting == 1 }
        fetches.answer(.success(try Fixtures.snapshot()))
        _ = try await refreshed
        #expect(await first != nil)
        #expect(await store.waitForFirst(atMost: .zero) != nil)
        #expect(time.alarms.isEmpty)
    }

    @Test("the loop refreshes at once, hourly, soon after a failure and at a rejection; and ends when cancelled")
    func loop() async throws {
        let fetches = Fetches()
        let time = ManualTime()
        let store = Self.store(fetches, time)
        let loop = Task { await store.run() }
        func answer(_ outcome: Fetches.Outcome) async {
            await until { fetches.waiting == 1 }
            fetches.answer(outcome)
        }
        await answer(.failure(Fixtures.failure()))
        await time.untilAlarm(at: .seconds(1))
        time.advance(by: .seconds(1))
        await answer(.success(try Fixtures.snapshot(time: time)))
        await time.untilAlarm(at: .seconds(3601))
        time.advance(by: .seconds(3600))
        await answer(.failure(Fixtures.failure()))
        await time.untilAlarm(at: .seconds(3661))
        time.advance(by: .seconds(60))
        await answer(.success(try Fixtures.snapshot(time: time)))
        await time.untilAlarm(at: .seconds(7261))
        time.advance(by: .seconds(100))
        let container = try #require(store.current?.containers.first)
        await store.reportRejected(container)
        await answer(.success(try Fixtures.snapshot(expiry: "2036-01-01", time: time)))
        await time.untilAlarm(at: .seconds(3661 + 60 + 40 + 3600))
        #expect(fetches.started == 5)
        // The rejection of a resource that has left the snapshot is old news.
        await store.reportRejected(container)
        for _ in 0..<100 { await Task.yield() }
        #expect(fetches.started == 5)
        loop.cancel()
        await loop.value
        #expect(time.alarms.isEmpty)
    }

    @Test("subscribers see the present snapshot and then each newest one")
    func updates() async throws {
        let fetches = Fetches()
        let store = Self.store(fetches, ManualTime())
        func refresh(containers: Int) async throws {
            async let refreshed = store.refresh()
            await until { fetches.waiting == 1 }
            fetches.answer(.success(try Fixtures.snapshot(accounts: [(containers, 1)])))
            _ = try await refreshed
        }
        try await refresh(containers: 1)
        var early = store.updates().makeAsyncIterator()
        #expect(await early.next()?.containers.count == 1)
        try await refresh(containers: 2)
        try await refresh(containers: 3)
        #expect(await early.next()?.containers.count == 3)
        var late = store.updates().makeAsyncIterator()
        #expect(await late.next()?.containers.count == 3)
    }

    @Test("queues that left the snapshot are given out until they are drained")
    func retired() async throws {
        let fetches = Fetches()
        let store = Self.store(fetches, ManualTime())
        for notifications in [["s1", "f1"], ["s1", "f2"]] {
            async let refreshed = store.refresh()
            await until { fetches.waiting == 1 }
            fetches.answer(.success(try Fixtures.snapshot(notifications: notifications)))
            _ = try await refreshed
        }
        let left = await store.retiredQueues()
        #expect(left.map(\.identity) == ["https://n.queue.core.windows.net/f1"])
        await store.retiredQueueDrained(left[0])
        #expect(await store.retiredQueues().isEmpty)
    }
}
