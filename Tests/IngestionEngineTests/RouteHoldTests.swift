import IngestionEngine
import IngestionModel
import KustoEmulator
import KustoWire
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// A route that the service refuses is held with one alert, probed now and then, and released by a verdict (protocol.md §4).
@Suite(.timeLimit(.minutes(10))) struct RouteHoldTests {
    private static let configuration = FailureReport(errorCode: "BadRequest_TableNotExist", failureStatus: .permanent)

    /// So many files whose sources the service has refused for the route's sake; the hold has been seen, and its alert given.
    private static func hold(_ count: Int, named prefix: String = "held", _ engine: EngineFixture, _ tender: RouteTender) async throws {
        let rows = try await engine.claim((0..<count).map { "\(prefix)\($0).csv" }, in: engine.spools[0])
        try await engine.apply([.posting, .postAccepted, .notifiedFailure(configuration)], to: rows)
        engine.context.holds.lookAgain(at: engine.spools[0].key)
        try await tender.tend()
        #expect(engine.context.holds.isHeld(engine.spools[0].key))
    }

    @Test("a route that passes releases every source that it has held, however many pages they are")
    func releasesAll() async throws {
        try await EngineFixture.with { engine in
            let tender = RouteTender(engine.context)
            let spool = engine.spools[0].key
            let count = 5000
            try await Self.hold(count, engine, tender)
            #expect(try await engine.ledger.count(.held, spool: spool) == count)
            engine.context.holds.passed(spool)
            try await tender.tend()
            #expect(try await engine.ledger.count(.held, spool: spool) == 0)
            #expect(try await engine.ledger.count(.deferred, spool: spool) == count)
            #expect(!engine.context.holds.isHeld(spool))
            #expect(try await engine.events().named("released").count == count)
        }
    }

    @Test("a held route is probed at growing intervals, whatever else fails meanwhile, and alerts once")
    func probes() async throws {
        try await EngineFixture.with { engine in
            let tender = RouteTender(engine.context)
            try await Self.hold(20, engine, tender)
            var probes: [Duration] = []
            let began = engine.time.monotonicNow
            for step in 0..<720 {
                engine.time.advance(by: .seconds(10))
                // Other files of the route that were on their way fail for its sake as well.
                if step < 50 { try await Self.hold(1, named: "late\(step)-", engine, tender) }
                try await tender.tend()
                let released = try await engine.events().named("released").count
                #expect(released - probes.count <= 1, "several sources as one probe")
                if released > probes.count { probes.append(engine.time.monotonicNow - began) }
            }
            #expect(probes.count >= 6)
            var wait = Duration.seconds(60)
            var last = Duration.zero
            for probe in probes {
                #expect((wait * 0.75...wait * 1.25 + .seconds(10)).contains(probe - last), "\(probes)")
                last = probe
                wait = min(wait * 2, .seconds(3600))
            }
            #expect(engine.logged.filter { $0.contains("refuses what the spool's configuration names") }.count == 1)
        }
    }

    @Test("a daemon that is started again holds the route from the first moment, with one alert of its own, and sends its probe")
    func restart() async throws {
        try await EngineFixture.with { engine in
            try await Self.hold(5, engine, RouteTender(engine.context))
            let fresh = try await engine.claim(["fresh.csv"], in: engine.spools[0])[0]
            // What a start knows is what the ledger says.
            let old = engine.context
            let context = EngineContext(
                ledger: old.ledger, spools: old.spools, snapshots: old.snapshots, blobs: old.blobs, queues: old.queues, tables: old.tables,
                composer: old.composer, time: old.time, random: old.random, logger: old.logger, limits: old.limits,
                signals: EngineSignals(), readers: old.readers, files: old.files, journalThread: old.journalThread)
            #expect(!context.holds.isHeld(engine.spools[0].key))
            let scheduler = UploadScheduler(context)
            try await engine.running({ try await scheduler.run() }) {
                await until { !engine.time.alarms.isEmpty }
                #expect(context.holds.isHeld(engine.spools[0].key))
                #expect(engine.logged.filter { $0.contains("refuses what the spool's configuration names") }.count == 2)
                #expect(try await engine.ledger.row(fresh)?.progress.state == .claimed)
                engine.time.advance(by: .seconds(80))
                try await until { try await engine.events().named("queued").count == 6 }
            }
            #expect(try await engine.ledger.row(fresh)?.progress.state == .claimed, "the probe is one of those that were refused")
            #expect(try await engine.ledger.routeHeld(spool: engine.spools[0].key, limit: 10).count == 4)
        }
    }

    @Test("a held route whose only probe got no verdict sends one fresh file as the next probe, and no more")
    func freshProbe() async throws {
        try await EngineFixture.with { engine in
            let tender = RouteTender(engine.context)
            let spool = engine.spools[0].key
            try await Self.hold(1, engine, tender)
            engine.time.advance(by: .seconds(80))
            try await tender.tend()
            let probes = try await engine.ledger.rows(.deferred, spool: spool, limit: 10).map(\.id.row)
            #expect(probes.count == 1)
            try await engine.apply([.posting, .postAccepted, .deadlinePassed(reportsSuccesses: true)], to: probes)
            _ = try await engine.claim(["fresh0.csv", "fresh1.csv"], in: engine.spools[0])
            try await tender.tend()
            #expect(engine.context.holds.isHeld(spool) && !engine.context.holds.wantsFreshProbe(spool), "its time has not come")
            engine.time.advance(by: .seconds(3600))
            try await tender.tend()
            #expect(engine.context.holds.wantsFreshProbe(spool))
            let scheduler = UploadScheduler(engine.context)
            let ledger = engine.ledger
            try await engine.running({ try await scheduler.run() }) {
                try await until { try await ledger.count(.awaitingVerdict, spool: spool) == 1 }
            }
            #expect(try await engine.ledger.count(.fresh, spool: spool) == 1)
            #expect(!engine.context.holds.wantsFreshProbe(spool), "one at a time")
        }
    }

    /// What becomes of a probe.
    enum Ending: String, CaseIterable, Sendable {
        case succeeds
        case failsByItsData
        case isPresumed
        case isRefusedAsWell
        case isUnconfirmed
    }

    @Test(
        "a verdict on the probe releases the route, a failure by its data and a presumed success too; a refusal of the route keeps it",
        arguments: Ending.allCases)
    func ends(_ ending: Ending) async throws {
        try await EngineFixture.with { engine in
            let tender = RouteTender(engine.context)
            let spool = engine.spools[0].key
            try await Self.hold(3, engine, tender)
            let probe = try await engine.claim(["probe.csv"], in: engine.spools[0])
            let reports: ReportLevel = ending == .isPresumed ? .failuresOnly : .failuresAndSuccesses
            try await engine.apply([.posting, .postAccepted], to: probe, deadline: .seconds(30), reports: reports)
            let id = SourceID(prefix: engine.ledger.identity.prefix, row: probe[0]).description
            switch ending {
            case .succeeds: engine.emulator.injectNotification(["IngestionSourceId": .string(id)], isFailure: false)
            case .failsByItsData: engine.emulator.injectNotification(Self.failure("Stream_WrongNumberOfFields", of: id), isFailure: true)
            case .isRefusedAsWell: engine.emulator.injectNotification(Self.failure("BadRequest_TableNotExist", of: id), isFailure: true)
            case .isPresumed, .isUnconfirmed: engine.time.advance(by: .seconds(31))  // and not so long that the next probe could be due
            }
            try await engine.pollOnce()
            let state = try #require(try await engine.ledger.row(probe[0])).progress.state
            #expect(state.description == Self.states[ending], "\(ending)")
            try await tender.tend()
            let isReleased = Self.releasing.contains(ending)
            #expect(engine.context.holds.isHeld(spool) == !isReleased)
            let held = isReleased ? 0 : ending == .isRefusedAsWell ? 4 : 3
            #expect(try await engine.ledger.routeHeld(spool: spool, limit: 10).count == held)
        }
    }

    private static let states: [Ending: String] = [
        .succeeds: "succeeded", .failsByItsData: "failed", .isPresumed: "presumed", .isRefusedAsWell: "superseded",
        .isUnconfirmed: "unconfirmed",
    ]
    private static let releasing: Set<Ending> = [.succeeds, .failsByItsData, .isPresumed]

    private static func failure(_ code: String, of source: String) -> JSON {
        ["IngestionSourceId": .string(source), "ErrorCode": .string(code), "FailureStatus": "Permanent", "ShouldRetry": false]
    }
}
