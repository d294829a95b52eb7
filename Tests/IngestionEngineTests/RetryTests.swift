import IngestionEngine
import IngestionModel
import KustoEmulator
import KustoIngest
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// Retries go on for days, and cost fresh files nothing (protocol.md §4).
@Suite(.timeLimit(.minutes(10))) struct RetryTests {
    private static func away(_ configuration: inout EmulatorConfiguration) {
        // What another attempt at once would not mend, so that no attempt waits by a clock that nobody turns.
        let refusal = FaultReply(status: 403, body: .storage(code: "AuthorizationFailure", message: "A firewall is in the way."))
        configuration.faults = [FaultRule(.blobPut, action: .reply(refusal))]
    }

    @Test(
        "a file is tried for three days, ever more seldom and never less often than its ceiling, over a restart, and succeeds on the fourth"
    )
    func days() async throws {
        let queued = Signal()
        let hooks = EngineHooks { if $0 == .queuedCommitted { queued.raise() } }
        try await EngineFixture.with(hooks: hooks, emulator: Self.away) { engine in
            let row = try await engine.claim(["x.csv"], in: engine.spools[0])[0]
            var attempts: [Duration] = []
            // Each of the three days has a daemon of its own: what the next one knows is what the ledger says.
            for _ in 0..<3 {
                let scheduler = UploadScheduler(engine.context)
                let day = engine.time.monotonicNow + .seconds(86_400)
                let before = attempts
                attempts = try await engine.running({ try await scheduler.run() }) {
                    var attempts = before
                    var due: Timestamp?
                    var known = try await engine.ledger.row(row)?.progress.deferrals ?? 0
                    while engine.time.monotonicNow < day {
                        // The attempt that was due is over, the row says what it came to, and the scheduler sleeps until the next one.
                        let patience = ContinuousClock.now + .seconds(120)
                        try await until {
                            if ContinuousClock.now > patience { throw TestSupportError(try await Self.account(of: row, engine)) }
                            guard let row = try await engine.ledger.row(row), row.work == .deferred else { return false }
                            // Within its 30 s: an alarm may be one that was given up, and the next one may be set by the hands of before or after a move.
                            let now = engine.time.monotonicNow
                            return row.due > engine.time.wallNow && engine.time.alarms.contains { $0 > now && $0 <= now + .seconds(30) }
                        }
                        let current = try await engine.ledger.row(row)
                        let deferrals = current?.progress.deferrals ?? 0
                        if deferrals > known {
                            attempts.append(engine.time.monotonicNow)
                            // By the hands, which go on in steps of 30 s, one of them perhaps while the scheduler was waking.
                            if let due { #expect(engine.time.wallNow - due <= .seconds(60), "an attempt was late") }
                        }
                        known = deferrals
                        due = current?.due
                        engine.time.advance(by: .seconds(30))
                    }
                    return attempts
                }
            }
            let waits = zip(attempts, attempts.dropFirst()).map { $1 - $0 }
            #expect(attempts.count > 300, "\(attempts.count) attempts in three days")
            #expect(waits.allSatisfy { $0 <= .seconds(600) * 1.25 + .seconds(60) }, "\(waits.max() ?? .zero)")
            #expect(waits.suffix(200).allSatisfy { $0 >= .seconds(600) * 0.75 - .seconds(60) })
            #expect(try await engine.events().named("deferred").count == 1, "one line tells that a file has trouble")
            engine.emulator.faults.clear()
            let scheduler = UploadScheduler(engine.context)
            engine.time.advance(by: .seconds(800))
            // The snapshot's signatures of three days ago still hold; a daemon would have renewed them.
            _ = try await engine.context.snapshots.refresh()
            try await engine.running({ try await scheduler.run() }) { await queued.wait() }
            #expect(try await engine.ledger.row(row)?.progress.state == .queued)
        }
    }

    /// What stands still, and at what.
    private static func account(of number: Int64, _ engine: EngineFixture) async throws -> String {
        let row = try await engine.ledger.row(number)
        return """
            nothing has moved for two minutes: now \(engine.time.monotonicNow) \(engine.time.wallNow), alarms \(engine.time.alarms), \
            work \(row.map { "\($0.work)" } ?? "none"), due \(row.map { "\($0.due)" } ?? "never"), \
            progress \(row.map { "\($0.progress)" } ?? "none"), figures \(engine.context.ledger.figures.total), \
            blob puts \(engine.emulator.requests.count(.blobPut)), log \(engine.logged.suffix(10))
            """
    }

    @Test("a file that becomes due while the scheduler looks for work is not slept over", arguments: 1...12)
    func dueMeanwhile(seconds: Int) async throws {
        try await EngineFixture.with(emulator: Self.away) { engine in
            let row = try await engine.claim(["x.csv"], in: engine.spools[0])[0]
            let due = engine.time.monotonicNow + .seconds(seconds)
            try await engine.apply([.deferred(until: engine.time.wallNow + .seconds(seconds))], to: [row])
            let scheduler = UploadScheduler(engine.context)
            // Each look at the clock takes a second, so that one of these files becomes due between any two of them.
            engine.time.creep(by: .seconds(1))
            try await engine.running({ try await scheduler.run() }) {
                try await until {
                    let alarm = engine.time.alarms.first
                    if let alarm, engine.time.monotonicNow < due {
                        // The looks that came after the clock was asked, and the way into the sleep, are no part of the sleep.
                        #expect(alarm <= due, "a sleep until \(alarm - due) after the file's time")
                    }
                    if try await engine.ledger.row(row)?.progress.deferrals ?? 0 > 1 { return true }
                    // Nobody else moves the hands: an alarm is let ring, unless it is one that sleeps past the file.
                    if let alarm, alarm <= .seconds(seconds + 20) {
                        engine.time.advance(by: max(alarm - engine.time.monotonicNow, .zero))
                    }
                    return false
                }
            }
        }
    }

    @Test("while everything fails, a fresh file has its first attempt after a handful of others', however many are due")
    func fresh() async throws {
        try await EngineFixture.with(limits: EngineLimits(concurrency: 1), emulator: Self.away) { engine in
            let old = try await engine.claim((0..<200).map { "old\($0).csv" }, in: engine.spools[0])
            try await engine.apply([.deferred(until: engine.time.wallNow)], to: old)
            engine.time.advance(by: .seconds(1))
            let fresh = try await engine.claim(["fresh.csv"], in: engine.spools[0])[0]
            let scheduler = UploadScheduler(engine.context)
            try await engine.running({ try await scheduler.run() }) {
                try await until { try await engine.ledger.row(fresh)?.work == .deferred }
            }
            var tried = 0
            for row in old where try await engine.ledger.row(row)?.progress.deferrals ?? 0 > 1 { tried += 1 }
            #expect(tried < 6, "\(tried) of the old ones came first")
        }
    }
}
