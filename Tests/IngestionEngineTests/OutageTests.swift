import IngestionEngine
import IngestionModel
import KustoEmulator
import KustoWire
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// Deadlines run only while somebody can read the reports (protocol.md §5).
@Suite(.timeLimit(.minutes(10))) struct OutageTests {
    @Test(
        "two days in which no report can be read expire nothing, and neither does their end: a source has its deadline with somebody who listens",
        arguments: [ReportMethod.queue, .table, .queueAndTable])
    func twoDays(method: ReportMethod) async throws {
        try await EngineFixture.with(reporting: method) { engine in
            func poll() async throws {
                if method != .table { try await engine.pollOnce() }
                if method != .queue { try await engine.pollTablesOnce() }
            }
            func states() async throws -> [String] {
                var states: [String] = []
                for row in rows { states.append(try await engine.ledger.row(row)?.progress.state.description ?? "") }
                return states
            }
            let rows = try await engine.claim(["silent.csv", "late.csv"], in: engine.spools[0])
            try await engine.apply([.posting, .postAccepted], to: rows, method: method)
            engine.time.advance(by: .seconds(3600))
            try await poll()
            let rules = [FaultRule([.queueGet, .tableQuery], action: .reply(.serverBusy))].map { engine.emulator.faults.add($0) }
            for _ in 0..<8 {
                engine.time.advance(by: .seconds(6 * 3600))
                try await poll()
            }
            #expect(rules.allSatisfy { engine.emulator.faults.fired($0) ?? 0 >= 8 }, "nothing was asked")
            #expect(try await states() == ["queued", "queued"])
            engine.emulator.faults.clear()
            try await poll()
            #expect(try await states() == ["queued", "queued"], "their deadlines are over by the clock, and not by what was heard")
            engine.time.advance(by: .seconds(22 * 3600))
            try await poll()
            #expect(try await states() == ["queued", "queued"])
            // The gap that this test's own leap made is one, too: nothing is ended before there was somebody to listen.
            for _ in 0..<14 {
                engine.time.advance(by: .seconds(600))
                try await poll()
            }
            engine.time.advance(by: .seconds(22 * 3600))
            try await poll()
            var polls = 0
            while try await states() != ["unconfirmed", "unconfirmed"], polls < 200 {
                engine.time.advance(by: .seconds(600))
                try await poll()
                polls += 1
            }
            // 23 hours were left of the deadline, in steps of ten minutes in which it runs; the leaps did not count.
            #expect((120...142).contains(polls + 14), "\(polls)")
            // A late notification corrects the journal, and the file can go.
            if method != .table {
                let id = SourceID(prefix: engine.ledger.identity.prefix, row: rows[1]).description
                engine.emulator.injectNotification(["IngestionSourceId": .string(id)], isFailure: false)
                try await poll()
                #expect(try await states() == ["unconfirmed", "succeeded"])
                #expect(try await engine.events().named("corrected").count == 1)
                #expect(try await engine.ledger.row(rows[1])?.work == .disposal)
            }
        }
    }
}
