import IngestionEngine
import IngestionModel
import KustoEmulator
import KustoIngest
import KustoWire
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// How the notification queues are drained (protocol.md §4, §5).
@Suite(.timeLimit(.minutes(10))) struct NotificationQueueTests {
    private static let gone = FaultReply(status: 404, body: .storage(code: "QueueNotFound", message: "The specified queue does not exist."))

    @Test("a notification queue that was replaced and is gone is forgotten, and keeps no ambiguous source from its repost")
    func retiredAndGone() async throws {
        let reposted = Signal()
        let hooks = EngineHooks { if $0 == .queuedCommitted { reposted.raise() } }
        try await EngineFixture.with(hooks: hooks) { engine in
            let rows = try await engine.claim(["x.csv"], in: engine.spools[0])
            try await engine.apply([.posting, .postInDoubt(repostAt: engine.time.wallNow)], to: rows)
            engine.time.advance(by: .seconds(1))
            engine.emulator.rotateNotificationQueues()
            _ = try await engine.context.snapshots.refresh()
            #expect(await engine.context.snapshots.retiredQueues().count == 2)
            let rules = ["failedingestions", "successfulingestions"].map {
                engine.emulator.faults.add(FaultRule(.queueGet, resource: $0, action: .reply(Self.gone)))
            }
            try await engine.pollOnce()
            #expect(rules.allSatisfy { engine.emulator.faults.fired($0) == 1 }, "the old queues were not asked")
            #expect(await engine.context.snapshots.retiredQueues().isEmpty)
            #expect(engine.context.drains.lastCompleteBegan == engine.time.wallNow)
            let scheduler = UploadScheduler(engine.context)
            try await engine.running({ try await scheduler.run() }) { await reposted.wait() }
            #expect(try await engine.events().events.map(\.name).suffix(2) == ["reposted", "queued"])
        }
    }

    @Test("a queue of the present snapshot that cannot be read makes no drain complete", arguments: [404, 403, 500])
    func present(status: Int) async throws {
        let fault = FaultReply(status: status, body: .storage(code: status == 404 ? "QueueNotFound" : "X", message: "no"))
        try await EngineFixture.with(
            emulator: { $0.faults = [FaultRule(.queueGet, resource: "failedingestions", action: .reply(fault))] }
        ) { engine in
            try await engine.pollOnce()
            #expect(engine.emulator.faults.totalFired == 1)
            #expect(engine.context.drains.lastCompleteBegan == nil)
        }
    }

    @Test("a replaced queue that cannot be read for a while is not forgotten, and its drain not complete")
    func retiredAndBusy() async throws {
        try await EngineFixture.with { engine in
            engine.emulator.rotateNotificationQueues()
            _ = try await engine.context.snapshots.refresh()
            _ = engine.emulator.faults.add(FaultRule(.queueGet, resource: "failedingestions", action: .reply(.serverBusy)))
            try await engine.pollOnce()
            #expect(await engine.context.snapshots.retiredQueues().count == 1)
            #expect(engine.context.drains.lastCompleteBegan == nil)
        }
    }

    @Test(
        "where foreign notifications are left, a drain reads what is in the queue, hides it for as long as that takes, and both are bounded",
        arguments: [(0, 64, 62), (1, 65, 62), (1024, 1088, 94), (10_000, 10_064, 374), (16_320, 16_384, 572), (5_000_000, 16_384, 572)]
            as [(Int, Int, Int64)])
    func bound(count: Int, messages: Int, seconds: Int64) {
        let bound = DrainBound(leavingForeignOf: count)
        #expect(bound.messages == messages)
        #expect(bound.visibility == .seconds(seconds))
    }

    @Test(
        "where every route reports to a table the queues are left alone, once nothing that was posted before waits for them",
        arguments: [true, false])
    func tablesOnly(somethingWaits: Bool) async throws {
        try await EngineFixture.with(reporting: .table) { engine in
            let rows = try await engine.claim(["x.csv"], in: engine.spools[0])
            if somethingWaits { try await engine.apply([.posting, .postAccepted], to: rows, method: .queue) }
            engine.emulator.injectNotification(["IngestionSourceId": "foreign"], isFailure: true)
            try await engine.pollOnce()
            #expect(engine.emulator.waitingNotifications.count == (somethingWaits ? 0 : 1))
            #expect(try await engine.events().named("foreign").count == (somethingWaits ? 1 : 0))
            // Whoever waits for the queues to be read waits for nothing more.
            #expect(engine.context.drains.lastCompleteBegan != nil)
        }
    }

    @Test("pages of large notifications are charged to the memory: the next one waits until it has room, and all are read")
    func largePages() async throws {
        let memory = Lock<ByteBudget?>(nil)
        let pages = Lock(0)
        let seen = Lock<(pages: Int, free: Int64)?>(nil)
        let hooks = EngineHooks { point in
            if point == .notificationRead { pages.withLock { $0 += 1 } }
            guard point == .verdictCommitted, pages.withLock({ $0 }) == 1, let memory = memory.withLock({ $0 }) else { return }
            // While the first page is in hand, the next ones have been asked for, and wait.
            await until { memory.waiting > 0 || pages.withLock { $0 } > 1 }
            seen.withLock { $0 = (pages.withLock { $0 }, memory.free.bytes) }
        }
        // An eighth is for reports: five pages of the usual size, and less than one of these, 3 times 32 times 53 KiB.
        try await EngineFixture.with(limits: EngineLimits(memory: .mebibytes(32)), hooks: hooks) { engine in
            memory.withLock { $0 = engine.context.reportMemory }
            let text = String(repeating: "x", count: 40_000)
            for number in 0..<100 {
                engine.emulator.injectNotification(
                    ["IngestionSourceId": .string("foreign-\(number)"), "Details": .string(text)], isFailure: true)
            }
            try await engine.pollOnce()
            #expect(try await engine.events().named("foreign").count == 100)
            #expect(engine.context.reportMemory.free == .mebibytes(4))
        }
        let first = try #require(seen.withLock { $0 })
        #expect(first.pages == 1)
        #expect(first.free < 0)
        #expect(pages.withLock { $0 } >= 4)
    }

    @Test("uploads that hold all memory keep no verdict from being read; what must not wait is taken at once, and uploads wait for it")
    func memoryIsFull() async throws {
        try await EngineFixture.with { engine in
            let waiting = Lock(0)
            let all = try #require(await engine.context.memory.borrow(engine.context.memory.free))
            let rows = try await engine.claim(["x.csv", "y.csv"], in: engine.spools[0])
            try await engine.apply([.posting, .postAccepted], to: [rows[0]])
            engine.emulator.injectNotification(
                ["IngestionSourceId": .string(SourceID(prefix: engine.ledger.identity.prefix, row: rows[0]).description)], isFailure: false)
            try await engine.pollOnce()
            #expect(try await engine.ledger.row(rows[0])?.progress.state == .settled(.succeeded))
            let posted = engine.context.memory.take(.kibibytes(24))
            #expect(engine.context.memory.free == ByteCount(-(24 << 10)))
            await withTaskGroup { group in
                group.addTask {
                    _ = await engine.context.memory.borrow(.kibibytes(1))
                    waiting.withLock { $0 += 1 }
                }
                await until { engine.context.memory.waiting == 1 }
                posted.giveBack()
                #expect(waiting.withLock { $0 } == 0)
                all.giveBack()
            }
            #expect(waiting.withLock { $0 } == 1)
        }
    }

    @Test("foreign notifications that are left are each read once in a drain, and are there for others when it ends")
    func left() async throws {
        try await EngineFixture.with { engine in
            let count = 100
            for number in 0..<count {
                engine.emulator.injectNotification(["IngestionSourceId": .string("foreign-\(number)")], isFailure: true)
            }
            try await engine.pollOnce(foreign: .leave)
            let waiting = engine.emulator.waitingNotifications
            #expect(waiting.count == count)
            #expect(waiting.allSatisfy { $0.dequeueCount == 1 }, "\(waiting.map(\.dequeueCount))")
            #expect(engine.context.drains.lastCompleteBegan != nil)
            // Visible again: whoever they belong to reads them now, and so does the next drain.
            try await engine.pollOnce(foreign: .leave)
            #expect(engine.emulator.waitingNotifications.allSatisfy { $0.dequeueCount == 2 })
            #expect(try await engine.events().events.isEmpty)
        }
    }
}
