import IngestionEngine
import IngestionModel
import Ledger
import ResultJournal
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// A journal that cannot be written: the events wait in the ledger (protocol.md §6).
@Suite(.timeLimit(.minutes(10))) struct JournalBackOffTests {
    private static let complaint = "the journal cannot be written"

    @Test("a journal that cannot be written is tried again after 1 s to 5 s, not at every commit, and gets all in order when it can")
    func backOff() async throws {
        try await EngineFixture.with { engine in
            engine.directory.makeDirectory("log")
            let path = engine.directory.path("log/journal.ndjson")
            let journal = try JournalFile(JournalOptions(path: path, journal: engine.ledger.identity.uuid), now: engine.time.wallNow)
            // A directory in the place of the file: root, too, cannot write into that.
            engine.directory.removeFile(TemporaryDirectory.relative("log/journal.ndjson"))
            engine.directory.makeDirectory("log/journal.ndjson")
            _ = try await engine.claim(["first.csv"], in: engine.spools[0])
            let pump = JournalPump(engine.context, journal: journal)
            try await engine.running({ try await pump.run() }) {
                for (failures, delay) in [1, 2, 3, 4, 5, 5, 5].enumerated() {
                    let next = engine.time.monotonicNow + .seconds(delay)
                    await engine.time.untilAlarm(at: next)
                    // Every commit raises the signal that the pump waits for when all is well.
                    _ = try await engine.claim(["during\(failures).csv"], in: engine.spools[0])
                    for _ in 0..<100 { await Task.yield() }
                    #expect(engine.logged.count { $0.contains(Self.complaint) } == failures + 1, "tried again before its time")
                    #expect(engine.time.alarms == [next])
                    engine.time.advance(by: .seconds(delay))
                }
                await engine.time.untilAlarm(at: engine.time.monotonicNow + .seconds(5))
                engine.directory.removeDirectory("log/journal.ndjson")
                engine.time.advance(by: .seconds(5))
                try await until { try await engine.ledger.outbox(limit: .mebibytes(1)).isEmpty }
            }
            var events = JournalEvents()
            let written = try #require(engine.directory.read("log/journal.ndjson"))
            for line in written.split(separator: UInt8(ascii: "\n")) { try events.add(Array(line)) }
            #expect(events.isGapless)
            #expect(events.events.compactMap(\.file) == ["first.csv"] + (0..<7).map { "during\($0).csv" })
        }
    }
}
