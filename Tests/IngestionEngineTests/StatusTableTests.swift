import AzureStorage
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

/// How status tables are read (protocol.md §5).
@Suite(.timeLimit(.minutes(10))) struct StatusTableTests {
    /// What the service has written into an entity, and what becomes of its source.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var status: String
        var columns: [String: String] = [:]
        var dedupe: IngestionProperties.Dedupe?
        var state: String
        var event: String?
        var code: String?
        /// Whether the entity is removed.
        var isDone = true
    }

    static let cases = [
        Case(testDescription: "pending is no verdict", status: "Pending", state: "queued", isDone: false),
        Case(testDescription: "queued is no verdict", status: "Queued", state: "queued", isDone: false),
        Case(testDescription: "a word of a later service is no verdict", status: "Paused", state: "queued", isDone: false),
        Case(testDescription: "succeeded", status: "Succeeded", state: "succeeded", event: "succeeded"),
        Case(
            testDescription: "a failure of the data", status: "Failed",
            columns: ["ErrorCode": "Stream_WrongNumberOfFields", "FailureStatus": "Permanent", "Details": "text"], state: "failed",
            event: "failed", code: "Stream_WrongNumberOfFields"),
        Case(
            testDescription: "a failure that may be tried again", status: "Failed",
            columns: ["ErrorCode": "General_RetryAttemptsExceeded", "FailureStatus": "Exhausted"], state: "superseded", event: "superseded",
            code: "General_RetryAttemptsExceeded"),
        Case(
            testDescription: "a failure of the configuration", status: "Failed",
            columns: ["ErrorCode": "BadRequest_TableNotExist", "FailureStatus": "1"], state: "superseded", event: "superseded",
            code: "BadRequest_TableNotExist"),
        Case(
            testDescription: "a failure that the service goes on about", status: "Failed",
            columns: ["ErrorCode": "Timeout", "FailureStatus": "Transient", "Details": "busy"], state: "queued", event: "noted",
            code: "Timeout", isDone: false),
        Case(
            testDescription: "a part is in", status: "PartiallySucceeded",
            columns: ["ErrorCode": "General_RetryAttemptsExceeded", "FailureStatus": "Exhausted"], state: "failed", event: "failed",
            code: "PartiallySucceeded"),
        Case(testDescription: "skipped for want of data", status: "Skipped", state: "failed", event: "failed", code: "Skipped"),
        Case(
            testDescription: "skipped as a repeat", status: "Skipped", dedupe: .ingestBy, state: "succeeded", event: "succeeded",
            code: "already_ingested"),
    ]

    @Test(
        "each status is the verdict that it says, once, however often it is read, and its entity goes with its last word", arguments: cases)
    func statuses(_ status: Case) async throws {
        try await EngineFixture.with { engine in
            let row = try await engine.claim(["x.csv"], in: engine.spools[0])[0]
            try await engine.apply([.posting, .postAccepted], to: [row], method: .table, dedupe: status.dedupe)
            try await Self.insert([("Status", status.status)] + status.columns.map { ($0.key, $0.value) }, for: row, engine)
            for _ in 0..<3 { try await engine.pollTablesOnce() }
            #expect(try await engine.ledger.row(row)?.progress.state.description == status.state)
            let events = try await engine.events().events.filter { !["accepted", "queued"].contains($0.name) }
            #expect(events.map(\.name) == (status.event.map { [$0] } ?? []))
            #expect(events.first?.code == status.code)
            #expect(engine.emulator.statuses.isEmpty == status.isDone)
            #expect(try await engine.ledger.statusRanges().isEmpty == status.isDone)
            #expect(engine.context.statusReadings.lastCompleteBegan != nil)
        }
    }

    @Test(
        "a table that cannot be read makes no reading complete, and nothing expires; then its verdicts come",
        arguments: [403, 404, 500, 503])
    func unreadable(status: Int) async throws {
        let reply = FaultReply(status: status, body: .storage(code: status == 404 ? "TableNotFound" : "X", message: "no"))
        try await EngineFixture.with { engine in
            let rows = try await engine.claim(["x.csv", "y.csv"], in: engine.spools[0])
            try await engine.apply([.posting, .postAccepted], to: rows, deadline: .seconds(60), method: .table)
            for row in rows { try await Self.insert([("Status", row == rows[0] ? "Succeeded" : "Pending")], for: row, engine) }
            let fault = engine.emulator.faults.add(FaultRule(.tableQuery, action: .reply(reply)))
            engine.time.advance(by: .seconds(61))
            try await engine.pollTablesOnce()
            #expect(engine.emulator.faults.fired(fault) == 1)
            #expect(engine.context.statusReadings.lastCompleteBegan == nil)
            for row in rows { #expect(try await engine.ledger.row(row)?.progress.state == .queued) }
            engine.emulator.faults.clear()
            try await engine.pollTablesOnce()
            #expect(try await engine.ledger.row(rows[0])?.progress.state == .settled(.succeeded))
            #expect(try await engine.ledger.row(rows[1])?.progress.state == .settled(.unconfirmed))
            // Its entity is still read: a late status corrects the journal.
            try await Self.delete(rows[1], engine)
            try await Self.insert([("Status", "Succeeded")], for: rows[1], engine)
            try await engine.pollTablesOnce()
            #expect(try await engine.ledger.row(rows[1])?.progress.state == .settled(.succeeded))
            #expect(try await engine.events().named("corrected").count == 1)
            #expect(engine.emulator.statuses.isEmpty)
        }
    }

    @Test("thousands of verdicts are read by the page, and what is pending among them is not sent at all")
    func bulk() async throws {
        try await EngineFixture.with { engine in
            let count = 1000
            let rows = try await engine.claim((0..<count).map { "\($0).csv" }, in: engine.spools[0])
            try await engine.apply([.posting, .postAccepted], to: rows, method: .table)
            await withTaskGroup { group in
                for row in rows {
                    group.addTask {
                        do {
                            try await Self.insert([("Status", row % 4 == 0 ? "Pending" : "Succeeded")], for: row, engine)
                        } catch {
                            Issue.record(error)
                        }
                    }
                }
            }
            // A fault that changes nothing counts the requests.
            let queries = engine.emulator.faults.add(FaultRule(.tableQuery, action: .delay(.zero)))
            try await engine.pollTablesOnce()
            let pending = rows.filter { $0 % 4 == 0 }
            #expect(try await engine.events().named("succeeded").count == count - pending.count)
            #expect(engine.emulator.statuses.count == pending.count)
            #expect((engine.emulator.faults.fired(queries) ?? .max) <= 4)
        }
    }

    @Test("the status of a source that may have been posted twice is kept for a day after a failure, and a success by then corrects it")
    func twoMessages() async throws {
        try await EngineFixture.with { engine in
            let rows = try await engine.claim(["x.csv", "y.csv"], in: engine.spools[0])
            let doubt: [SourceEvent] = [.posting, .postInDoubt(repostAt: engine.time.wallNow), .posting, .postAccepted]
            try await engine.apply(doubt, to: rows, method: .table)
            let failure = [("Status", "Failed"), ("ErrorCode", "BadRequest_InvalidBlob"), ("FailureStatus", "Permanent")]
            for row in rows { try await Self.insert(failure, for: row, engine) }
            try await engine.pollTablesOnce()
            #expect(engine.emulator.statuses.count == 2)
            for row in rows {
                #expect(try await engine.ledger.row(row)?.progress.state == .settled(.failed))
                _ = try await engine.ledger.commit(.disposed(row: row, .failed(path: "failed/\(row)"), at: engine.time.wallNow))
            }
            try await Self.delete(rows[0], engine)
            try await Self.insert([("Status", "Succeeded")], for: rows[0], engine)
            try await engine.pollTablesOnce()
            #expect(try await engine.ledger.row(rows[0])?.progress.state == .settled(.succeeded))
            #expect(engine.emulator.statuses.count == 1)
            engine.time.advance(by: .seconds(86_500))
            try await engine.pollTablesOnce()
            #expect(engine.emulator.statuses.isEmpty)
            #expect(try await engine.events().named("failed").count == 2)
            #expect(try await engine.events().named("corrected").count == 1)
        }
    }

    @Test("a status that changes while it is being read is not removed: its next word is heard")
    func overwritten() async throws {
        let meanwhile = Lock<(@Sendable () async throws -> Void)?>(nil)
        let hooks = EngineHooks { point in
            guard point == .verdictCommitted, let change = meanwhile.withLock({ $0.take() }) else { return }
            do { try await change() } catch { Issue.record(error) }
        }
        try await EngineFixture.with(hooks: hooks) { engine in
            let row = try await engine.claim(["x.csv"], in: engine.spools[0])[0]
            try await engine.apply([.posting, .postAccepted], to: [row], method: .table)
            let failure = [("Status", "Failed"), ("ErrorCode", "Stream_WrongNumberOfFields"), ("FailureStatus", "Permanent")]
            try await Self.insert(failure, for: row, engine)
            meanwhile.withLock {
                $0 = {
                    try await Self.delete(row, engine)
                    try await Self.insert([("Status", "Succeeded")], for: row, engine)
                }
            }
            try await engine.pollTablesOnce()
            #expect(try await engine.ledger.row(row)?.progress.state == .settled(.failed))
            #expect(engine.emulator.statuses.count == 1)
            try await engine.pollTablesOnce()
            #expect(try await engine.ledger.row(row)?.progress.state == .settled(.succeeded))
            #expect(try await engine.events().events.map(\.name).suffix(2) == ["failed", "corrected"])
            #expect(engine.emulator.statuses.isEmpty)
        }
    }

    @Test("the entity of a source whose verdict came without it is removed a day after the file was done with")
    func leftovers() async throws {
        try await EngineFixture.with { engine in
            let row = try await engine.claim(["x.csv"], in: engine.spools[0])[0]
            try await engine.apply([.posting, .postAccepted], to: [row], deadline: .seconds(60), reports: .failuresOnly, method: .table)
            try await Self.insert([("Status", "Pending")], for: row, engine)
            engine.time.advance(by: .seconds(61))
            try await engine.pollTablesOnce()
            #expect(try await engine.ledger.row(row)?.progress.state == .settled(.presumed))
            _ = try await engine.ledger.commit(.disposed(row: row, .done(path: "done/x.csv"), at: engine.time.wallNow))
            engine.time.advance(by: .seconds(86_000))
            try await engine.pollTablesOnce()
            #expect(engine.emulator.statuses.count == 1, "a failure may still be written into it")
            engine.time.advance(by: .seconds(500))
            try await engine.pollTablesOnce()
            #expect(engine.emulator.statuses.isEmpty)
            #expect(try await engine.ledger.statusRanges().isEmpty)
        }
    }

    @Test("other sources' entities in the table are neither read nor removed")
    func strangers() async throws {
        try await EngineFixture.with { engine in
            let row = try await engine.claim(["x.csv"], in: engine.spools[0])[0]
            try await engine.apply([.posting, .postAccepted], to: [row], method: .table)
            try await Self.insert([("Status", "Succeeded")], for: row, engine)
            let prefix = engine.ledger.identity.prefix
            let others = [
                SourceID(prefix: SourceID.Prefix(bits: prefix.bits + 1), row: row).description, "11111111-1111-4111-8111-111111111111",
                "00000000-0000-0000-0000-000000000000",
            ]
            let table = try #require(engine.context.snapshots.current?.statusTables.first)
            for id in others {
                try await engine.context.tables.insert(
                    AzureStorage.TableEntity(key: TableKey(partition: id, row: id), properties: [JSONMember("Status", .string("Failed"))]),
                    into: table.url)
            }
            try await engine.pollTablesOnce()
            #expect(try await engine.ledger.row(row)?.progress.state == .settled(.succeeded))
            #expect(Set(engine.emulator.statuses.map(\.key.partition)) == Set(others))
            #expect(try await engine.events().named("foreign").isEmpty)
        }
    }

    @Test("a table that left the snapshot is read with the signature that it had, until nothing in it is ours")
    func replaced() async throws {
        try await EngineFixture.with { engine in
            let row = try await engine.claim(["x.csv"], in: engine.spools[0])[0]
            try await engine.apply([.posting, .postAccepted], to: [row], method: .table)
            try await Self.insert([("Status", "Succeeded")], for: row, engine)
            engine.emulator.dropAccount("account1")
            _ = try await engine.context.snapshots.refresh()
            let old = try #require(try await engine.ledger.row(row)?.statusTable)
            #expect(engine.context.snapshots.current?.statusTable(old) == nil)
            try await engine.pollTablesOnce()
            #expect(try await engine.ledger.row(row)?.progress.state == .settled(.succeeded))
        }
    }

    private static func insert(_ columns: [(String, String)], for row: Int64, _ engine: EngineFixture) async throws {
        let table = try #require(engine.context.snapshots.current?.statusTables.first)
        let id = SourceID(prefix: engine.ledger.identity.prefix, row: row).description
        let entity = AzureStorage.TableEntity(
            key: TableKey(partition: id, row: id), properties: columns.map { JSONMember($0.0, .string($0.1)) })
        try await engine.context.tables.insert(entity, into: table.url)
    }

    private static func delete(_ row: Int64, _ engine: EngineFixture) async throws {
        let table = try #require(engine.context.snapshots.current?.statusTables.first)
        let id = SourceID(prefix: engine.ledger.identity.prefix, row: row).description
        try await engine.context.tables.delete(TableKey(partition: id, row: id), etag: nil, of: table.url)
    }
}
