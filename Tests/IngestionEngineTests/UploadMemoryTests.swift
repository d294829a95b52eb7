import IngestionEngine
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// Two bounds that uploads wait for, memory and the accounts' windows, are taken in one order: nobody holds what another needs while it waits for what the
/// other holds.
@Suite(.timeLimit(.minutes(10))) struct UploadMemoryTests {
    @Test("large files that fill the memory, and small ones that would fill the accounts' windows behind them, all get through")
    func bothBounds() async throws {
        let queued = Lock(0)
        let progress = Signal()
        let hooks = EngineHooks {
            guard $0 == .queuedCommitted else { return }
            queued.withLock { $0 += 1 }
            progress.raise()
        }
        // Room for the blocks of one large file, and for little besides.
        let limits = EngineLimits(concurrency: 64, memory: .kibibytes(384), blockSize: .kibibytes(64))
        try await EngineFixture.with(limits: limits, hooks: hooks) { engine in
            var random = SeededRandom(seed: 1)
            var large = ""
            while large.utf8.count < 400 << 10 { large += "\(random.next()),\(random.next())\n" }
            let spool = engine.spools[0]
            _ = try await engine.claim(["large0.csv", "large1.csv"], in: spool, contents: large)
            _ = try await engine.claim((0..<24).map { "small\($0).csv" }, in: spool)
            _ = try await engine.claim(["large2.csv", "large3.csv"], in: spool, contents: large)
            engine.time.advance(by: .seconds(1))
            let scheduler = UploadScheduler(engine.context)
            try await engine.running({ try await scheduler.run() }) {
                while queued.withLock({ $0 }) < 28, !Task.isCancelled { await progress.wait() }
            }
            #expect(queued.withLock { $0 } == 28)
        }
    }
}
