import IngestionEngine
import IngestionModel
import KustoWire
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// Who comes first when there is room for one: spools take turns, and so do fresh, deferred and ambiguous sources.
@Suite(.timeLimit(.minutes(10))) struct SchedulerTurnTests {
    /// A lone source that is due behind all of a backlog.
    struct Rivals: Sendable, CustomTestStringConvertible {
        var backlog: Work
        var count = 60
        var lone: Work
        /// Whether the lone one lies in another spool than the backlog.
        var isElsewhere: Bool
        var testDescription: String { "\(count) \(backlog), one \(lone) \(isElsewhere ? "in another spool" : "in the same spool")" }
    }

    static let kinds: [Work] = [.fresh, .deferred, .ambiguous]

    static let rivals =
        kinds.flatMap { backlog in
            kinds.map { Rivals(backlog: backlog, lone: $0, isElsewhere: true) }
                + kinds.filter { $0 != backlog }.map { Rivals(backlog: backlog, lone: $0, isElsewhere: false) }
        } + [Rivals(backlog: .fresh, count: 10_000, lone: .fresh, isElsewhere: true)]

    @Test("a source is posted within one round of turns, whatever waits in front of it", arguments: rivals)
    func turns(_ rivals: Rivals) async throws {
        let posts = Posts()
        try await EngineFixture.with(spools: 2, limits: EngineLimits(concurrency: 1), hooks: posts.hooks) { engine in
            try await Self.prepare((0..<rivals.count).map { "backlog\($0).csv" }, as: rivals.backlog, in: engine.spools[0], engine)
            engine.time.advance(by: .seconds(1))
            let spool = engine.spools[rivals.isElsewhere ? 1 : 0]
            try await Self.prepare(["lone.csv"], as: rivals.lone, in: spool, engine)
            engine.time.advance(by: .seconds(1))
            engine.context.drains.completed(began: engine.time.wallNow)
            let scheduler = UploadScheduler(engine.context)
            let order = try await engine.running({ try await scheduler.run() }) {
                await posts.wait(for: 40)
                return try await engine.events().named("queued").compactMap(\.file)
            }
            #expect(order.count >= 40 && order.contains { $0.hasPrefix("backlog") })
            let place = try #require(order.firstIndex(of: "lone.csv"), "starved behind \(order.count)")
            #expect(place < Self.kinds.count * engine.spools.count)
        }
    }

    @Test("when the windows widen, slots are added although nobody claims anything")
    func widens() async throws {
        let met = Meeting(of: 100)
        let hooks = EngineHooks { if $0 == .uploaded { await met.arrive() } }
        try await EngineFixture.with(limits: EngineLimits(concurrency: 256), hooks: hooks) { engine in
            try await Self.prepare((0..<400).map { "\($0).csv" }, as: .fresh, in: engine.spools[0], engine)
            engine.time.advance(by: .seconds(1))
            let scheduler = UploadScheduler(engine.context)
            try await engine.running({ try await scheduler.run() }) { await met.isComplete.wait() }
        }
    }

    /// The first to arrive goes on alone; all others wait until so many have come.
    private final class Meeting: Sendable {
        let isComplete = Signal()
        private let size: Int
        private let state = Lock((arrived: 0, waiting: [CheckedContinuation<Void, Never>]()))

        init(of size: Int) { self.size = size }

        func arrive() async {
            let count = state.withLock { state in
                state.arrived += 1
                return state.arrived
            }
            if count == 1 { return }
            await withCheckedContinuation { continuation in
                let released = state.withLock { state in
                    state.waiting.append(continuation)
                    guard state.arrived >= size else { return [CheckedContinuation<Void, Never>]() }
                    defer { state.waiting = [] }
                    return state.waiting
                }
                for one in released { one.resume() }
                if !released.isEmpty { isComplete.raise() }
            }
        }
    }

    @Test(
        "however many slots there are, a file with work to do is read from the ledger about once for it",
        arguments: [Work.fresh, .deferred])
    func readings(work: Work) async throws {
        let count = 3000
        let posts = Posts()
        try await EngineFixture.with(limits: EngineLimits(concurrency: 64), hooks: posts.hooks) { engine in
            try await Self.prepare((0..<count).map { "\($0).csv" }, as: work, in: engine.spools[0], engine)
            engine.time.advance(by: .seconds(1))
            let before = engine.ledger.figures.rowsHandedOut
            let scheduler = UploadScheduler(engine.context)
            try await engine.running({ try await scheduler.run() }) {
                await posts.wait(for: count)
            }
            let read = engine.ledger.figures.rowsHandedOut - before
            #expect(read >= count && read < 2 * count, "\(read) rows were read for \(count) files")
        }
    }

    /// Counts the posts of an engine, for one who waits for them.
    private final class Posts: Sendable {
        private let count = Lock(0)
        private let progress = Signal()

        var hooks: EngineHooks {
            EngineHooks { [count, progress] point in
                guard point == .queuedCommitted else { return }
                count.withLock { $0 += 1 }
                progress.raise()
            }
        }

        func wait(for wanted: Int) async { while count.withLock({ $0 }) < wanted { await progress.wait() } }
    }

    private static func prepare(_ names: [String], as work: Work, in spool: Spool, _ engine: EngineFixture) async throws {
        let rows = try await engine.claim(names, in: spool)
        let now = engine.time.wallNow
        switch work {
        case .deferred: try await engine.apply([.deferred(until: now)], to: rows)
        case .ambiguous: try await engine.apply([.posting, .postInDoubt(repostAt: now)], to: rows)
        default: break
        }
        #expect(try await engine.ledger.count(work, spool: spool.key) >= names.count)
    }
}
