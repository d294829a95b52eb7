import IngestionEngine
import IngestionModel
import KustoEmulator
import KustoWire
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// Whom nobody told anything asks the engine (protocol.md §5).
@Suite(.timeLimit(.minutes(10))) struct FailureConsultationTests {
    /// Files that are uploaded, posted and ingested, while no notification comes.
    private static func ingest(_ files: [(String, String)], _ engine: EngineFixture) async throws -> [Int64] {
        engine.emulator.holdNotifications()
        var rows: [Int64] = []
        for (name, contents) in files { rows += try await engine.claim([name], in: engine.spools[0], contents: contents) }
        let scheduler = UploadScheduler(engine.context)
        let known = rows
        try await engine.running({ try await scheduler.run() }) {
            for row in known { try await until { try await engine.ledger.row(row)?.progress.state == .queued } }
        }
        try await engine.emulator.waitForOutcomes(files.count)
        return rows
    }

    private static func state(_ row: Int64, _ engine: EngineFixture) async throws -> String {
        try await engine.ledger.row(row)?.progress.state.description ?? ""
    }

    @Test("at the deadline a failure that the engine remembers is the verdict, with its code, and silence proves nothing")
    func atDeadline() async throws {
        try await EngineFixture.with(emulator: { $0.ingestion = .rows }) { engine in
            let rows = try await Self.ingest([("bad.csv", "\"never closed"), ("good.csv", "a,1\n")], engine)
            try await engine.pollOnce()
            #expect(try await Self.state(rows[0], engine) == "queued", "nobody asks before the deadline")
            // A poll now and then, so that the deadline runs.
            for _ in 0..<150 {
                engine.time.advance(by: .seconds(600))
                try await engine.pollOnce()
            }
            #expect(try await Self.state(rows[0], engine) == "failed")
            #expect(try await Self.state(rows[1], engine) == "unconfirmed")
            let failure = try #require(try await engine.events().named("failed").first)
            #expect(failure.file == "bad.csv" && failure.code?.isEmpty == false)
            #expect(failure.reason?.contains("list of ingestion failures") == true)
            // The notifications come after all: the failure says nothing new, the success corrects.
            engine.emulator.releaseNotifications()
            try await engine.pollOnce()
            #expect(try await Self.state(rows[0], engine) == "failed")
            #expect(try await Self.state(rows[1], engine) == "succeeded")
            #expect(try await engine.events().named("corrected").map(\.file) == ["good.csv"])
            #expect(try await engine.events().named("contradicted").isEmpty)
        }
    }

    @Test("an engine that cannot be asked keeps nothing from its deadline, and is asked again in an hour")
    func later() async throws {
        try await EngineFixture.with(emulator: { $0.ingestion = .rows }) { engine in
            let rows = try await Self.ingest([("bad.csv", "\"never closed")], engine)
            let fault = engine.emulator.faults.add(FaultRule(.managementFailures, action: .reply(FaultReply(status: 503))))
            for _ in 0..<150 {
                engine.time.advance(by: .seconds(600))
                try await engine.pollOnce()
            }
            #expect(engine.emulator.faults.fired(fault) == 1)
            #expect(try await Self.state(rows[0], engine) == "unconfirmed")
            engine.emulator.faults.clear()
            let housekeeper = Housekeeper(engine.context)
            try await engine.running({ try await housekeeper.run() }) {
                await until { !engine.time.alarms.isEmpty }
                #expect(try await Self.state(rows[0], engine) == "unconfirmed")
                engine.time.advance(by: .seconds(3601))
                try await until { try await Self.state(rows[0], engine) == "failed" }
            }
            #expect(try await engine.events().named("corrected").first?.object["verdict"]?.text == "failed")
        }
    }

    @Test("what the service tried again by itself, and what it says of another blob, is no verdict", arguments: ["Transient", "Permanent"])
    func notOurs(status: String) async throws {
        let failing = ForcedFailure(table: "T", code: "Download_UnknownError", failureStatus: status, times: 1)
        try await EngineFixture.with(emulator: {
            $0.ingestion = .rows
            $0.forcedFailures = [failing]
        }) { engine in
            let rows = try await Self.ingest([("x.csv", "a,1\n"), ("y.csv", "b,1\n")], engine)
            for _ in 0..<150 {
                engine.time.advance(by: .seconds(600))
                try await engine.pollOnce()
            }
            var states: [String] = []
            for row in rows { states.append(try await Self.state(row, engine)) }
            // One of the two was hit; never by a successor, for nobody knows what the service did then.
            #expect(states.sorted() == (status == "Permanent" ? ["failed", "unconfirmed"] : ["unconfirmed", "unconfirmed"]))
        }
    }
}
