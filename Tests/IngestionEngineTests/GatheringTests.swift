import IngestionEngine
import Ledger
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// Complete files that wait for others to be claimed with them.
@Suite(.timeLimit(.minutes(10))) struct GatheringTests {
    private static let directory = RelativePath.root
    private static let subdirectory = TemporaryDirectory.relative("sub")

    private static func files(_ numbers: Range<Int>) -> [GatheredFiles.File] { numbers.compactMap { FileName("f\($0)") }.map { .init($0) } }

    private static func seen(_ size: Int64) -> FileObservation {
        FileObservation(size: size, modified: 1, changed: 1, at: Timestamp(seconds: 1))
    }

    @Test("as many as make a source are claimed at once, and what is left when the first one has waited long enough")
    func batches() {
        var gathered = GatheredFiles(CoalescingRules(maximumFiles: 3, maximumWait: .seconds(5)))
        #expect(gathered.take(at: .seconds(100)) == nil && gathered.dueAt == nil)
        gathered.add(Self.files(0..<4), in: Self.directory, at: .seconds(100))
        #expect(gathered.take(at: .seconds(100)) == .init(directory: Self.directory, files: Self.files(0..<3)))
        #expect(gathered.take(at: .seconds(104)) == nil)
        #expect(gathered.dueAt == .seconds(105))
        gathered.add(Self.files(4..<5), in: Self.directory, at: .seconds(104))
        #expect(
            gathered.take(at: .seconds(105)) == .init(directory: Self.directory, files: Self.files(3..<5)), "the first one's wait counts")
        #expect(gathered.take(at: .seconds(1000)) == nil && gathered.dueAt == nil)
    }

    @Test("files of many directories do not wait without bound: the fullest is claimed from before it has enough")
    func bounded() {
        var gathered = GatheredFiles(CoalescingRules(maximumFiles: 4, maximumWait: .seconds(600)))
        gathered.add(Self.files(0..<3), in: Self.subdirectory, at: .zero)
        for number in 0..<4 {
            gathered.add(Self.files(0..<1), in: TemporaryDirectory.relative("other\(number)"), at: .zero)
            #expect(gathered.take(at: .zero) == nil)
        }
        gathered.add(Self.files(0..<1), in: Self.directory, at: .zero)
        #expect(gathered.take(at: .zero) == .init(directory: Self.subdirectory, files: Self.files(0..<3)))
        #expect(gathered.take(at: .zero) == nil)
    }

    @Test("a file that is found complete again is gathered once, as it was at the last look")
    func again() throws {
        var gathered = GatheredFiles(CoalescingRules(maximumFiles: 2, maximumWait: .seconds(5)))
        let name = try #require(FileName("x"))
        gathered.add([.init(name, seen: Self.seen(4))], in: Self.directory, at: .zero)
        gathered.add([.init(name, seen: Self.seen(8))], in: Self.directory, at: .seconds(1))
        #expect(gathered.take(at: .seconds(4)) == nil, "one file is not two")
        #expect(gathered.take(at: .seconds(5)) == .init(directory: Self.directory, files: [.init(name, seen: Self.seen(8))]))
    }

    @Test(
        "what is written to while it waits for others is not claimed before it is complete again, and the others are",
        arguments: [
            Completeness.Rule.closed, .quiet,
        ])
    func reopened(rule: Completeness.Rule) async throws {
        var rules = SpoolRules()
        rules.completeness = Completeness(rule: rule, quietTime: .seconds(10))
        rules.coalescing = CoalescingRules(maximumFiles: 100, maximumWait: .seconds(60))
        try await EngineFixture.with(rules: rules, clockBehind: .seconds(3600)) { engine in
            let spool = engine.spools[0]
            let (x, y) = (try #require(FileName("x.csv")), try #require(FileName("y.csv")))
            for name in [x, y] { engine.directory.write("a,1\n", to: "spool0/\(name)") }
            let hints = ToldHints()
            let watcher = SpoolWatcher(engine.context, spool, claims: ClaimNumbers(), hints: hints)
            try await engine.running({ try await watcher.run() }) {
                // The first scan sees two files of this moment.
                await engine.time.untilAlarm(at: .seconds(10))
                engine.time.advance(by: .seconds(10))
                // They are quiet by the second look, and wait for others, the next scan or the end of their wait.
                await until { engine.time.alarms.contains { $0 > .seconds(60) } }
                engine.directory.write("a,1\nb,2\n", to: "spool0/x.csv")
                engine.time.advance(by: .seconds(60))
                try await until { try await engine.ledger.count(.fresh, spool: spool.key) == 1 }
                let alone = try await engine.ledger.rows(.fresh, spool: spool.key, before: engine.time.wallNow, limit: 10)
                #expect(alone.map(\.file.name) == ["y.csv"])
                #expect(engine.files(in: 0).contains("x.csv"), "it is where its producer writes to it")
                // Found changed after 70 s, it has to stay as it is for ten more, and waits for others for sixty.
                while engine.time.monotonicNow < .seconds(139) {
                    await until { engine.time.alarms.contains { $0 > engine.time.monotonicNow } }
                    #expect(try await engine.ledger.count(.fresh, spool: spool.key) == 1, "at \(engine.time.monotonicNow)")
                    engine.time.advance(by: .seconds(1))
                }
                try await until {
                    engine.time.advance(by: .seconds(1))
                    return try await engine.ledger.count(.fresh, spool: spool.key) == 2
                }
                let both = try await engine.ledger.rows(.fresh, spool: spool.key, before: engine.time.wallNow, limit: 10)
                #expect(both.map(\.file.size).sorted() == [4, 8], "as it was in the end")
            }
        }
    }
}
