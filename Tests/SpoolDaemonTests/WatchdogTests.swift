import IngestionEngine
import IngestionModel
import KustoEmulator
import KustoWire
import Ledger
import SpoolDaemon
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import SystemdService
import Testing

/// What the daemon's watchdog is fed by.
@Suite(.timeLimit(.minutes(10))) struct WatchdogTests {
    private static let configuration = FailureReport(errorCode: "BadRequest_TableNotExist", failureStatus: .permanent)
    private static let interval = Duration.seconds(20)

    /// What the engine is doing while the manager looks on.
    enum Scene: String, CaseIterable, Sendable {
        case nothingToDo
        case freshFileStandsStill
        case postStandsStill
        case dueRetryStandsStill
        case freshFileBesideHeldRoute
        case verdictIsAwaited
        case retryIsAwaited
        case routeIsHeld
        case longUpload
        case commits

        /// Whether the watchdog is fed for ever.
        var feeds: Bool {
            switch self {
            case .freshFileStandsStill, .postStandsStill, .dueRetryStandsStill, .freshFileBesideHeldRoute: false
            case .nothingToDo, .verdictIsAwaited, .retryIsAwaited, .routeIsHeld, .longUpload, .commits: true
            }
        }
    }

    @Test(
        "the watchdog is fed while the engine moves or has nothing to move, and starves while work before it stands still",
        arguments: Scene.allCases)
    func feeds(_ scene: Scene) async throws {
        try await EngineFixture.with(spools: 2) { engine in
            try await Self.prepare(scene, engine)
            let fed = Lock(0)
            let reporter = SystemdReporter(engine.context, watchdogInterval: Self.interval) { notification in
                if notification == .watchdog { fed.withLock { $0 += 1 } }
            }
            let asked = 12
            try await engine.running({ try await reporter.run() }) {
                for _ in 0..<asked {
                    await engine.time.untilAlarm(at: engine.time.monotonicNow + Self.interval / 2)
                    if scene == .longUpload { engine.context.progress.moved() }
                    if scene == .commits { _ = try await engine.ledger.commit(.lookAgain(row: 4711, at: engine.time.wallNow)) }
                    engine.time.advance(by: Self.interval / 2)
                }
                await engine.time.untilAlarm(at: engine.time.monotonicNow + Self.interval / 2)
            }
            // Asked once at the beginning and then every half interval; a system call on a slow disk has an interval's patience.
            #expect(fed.withLock { $0 } == (scene.feeds ? asked + 1 : 3), "\(scene)")
        }
    }

    private static func prepare(_ scene: Scene, _ engine: EngineFixture) async throws {
        if scene == .nothingToDo { return }
        let rows = try await engine.claim(["x.csv"], in: engine.spools[0])
        switch scene {
        case .nothingToDo, .freshFileStandsStill, .longUpload, .commits: break
        case .postStandsStill: try await engine.apply([.posting], to: rows)
        case .verdictIsAwaited: try await engine.apply([.posting, .postAccepted], to: rows)
        case .dueRetryStandsStill: try await engine.apply([.deferred(until: engine.time.wallNow)], to: rows)
        case .retryIsAwaited: try await engine.apply([.deferred(until: engine.time.wallNow + .seconds(600))], to: rows)
        case .routeIsHeld, .freshFileBesideHeldRoute:
            try await engine.apply([.posting, .postAccepted, .notifiedFailure(configuration)], to: rows)
            try await RouteTender(engine.context).tend()
            #expect(engine.context.holds.isHeld(engine.spools[0].key))
            let held = try await engine.claim(["fresh.csv", "retried.csv"], in: engine.spools[0])
            try await engine.apply([.deferred(until: engine.time.wallNow)], to: [held[1]])
            if scene == .freshFileBesideHeldRoute { _ = try await engine.claim(["stands.csv"], in: engine.spools[1]) }
        }
    }

    @Test("a long upload moves what the watchdog is fed by, block by block, although it commits nothing")
    func longUpload() async throws {
        let seen = Lock<(moved: UInt64, commits: UInt64)>((0, 0))
        let engines = Lock<EngineContext?>(nil)
        let uploaded = Signal()
        let hooks = EngineHooks { point in
            // Here the blob stands and nothing has been committed about it.
            guard point == .uploaded, let context = engines.withLock({ $0 }) else { return }
            seen.withLock { $0 = (context.progress.count, context.ledger.commitCount) }
            uploaded.raise()
        }
        let limits = EngineLimits(blockSize: .kibibytes(4))
        try await EngineFixture.with(rules: SpoolRules(compresses: false), limits: limits, hooks: hooks) { engine in
            engines.withLock { $0 = engine.context }
            _ = try await engine.claim(["x.csv"], in: engine.spools[0], contents: String(repeating: "0123456\n", count: 8192))
            let (moved, commits) = (engine.context.progress.count, engine.ledger.commitCount)
            let scheduler = UploadScheduler(engine.context)
            try await engine.running({ try await scheduler.run() }) { await uploaded.wait() }
            #expect(engine.emulator.requests.entries.count { $0.endpoint == .blobBlock } == 16)
            #expect(seen.withLock { $0.moved } == moved + 17, "16 blocks and their list")
            #expect(seen.withLock { $0.commits } == commits)
        }
    }
}
