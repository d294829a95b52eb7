import IngestionEngine
import IngestionModel
import KustoWire
import Ledger
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// What the file system refuses about one file or directory costs neither the daemon nor the other files.
@Suite(.timeLimit(.minutes(10))) struct FileTroubleTests {
    private static let invalid = FailureReport(errorCode: "BadRequest_InvalidBlob", failureStatus: .permanent)

    @Test("a spool whose directory is replaced is looked at again and again, other spools go on, and it goes on when it is back")
    func watcher() async throws {
        try await EngineFixture.with(spools: 2) { engine in
            let claims = ClaimNumbers()
            let watchers = engine.spools.map { SpoolWatcher(engine.context, $0, claims: claims) }
            let away = TemporaryDirectory.relative("away")
            let root = TemporaryDirectory.relative("spool0")
            engine.directory.rename(root, to: away)
            engine.directory.makeDirectory("spool0")
            engine.directory.write("a,1\n", to: "away/x.csv")
            try await engine.running({
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for watcher in watchers { group.addTask { try await watcher.run() } }
                    for try await () in group {}
                }
            }) {
                for failures in 1...3 {
                    await until { engine.logged.count { $0.contains("the spool cannot be read; tried again") } >= failures }
                    await engine.time.untilAlarm(at: engine.time.monotonicNow + .seconds(5))
                    engine.time.advance(by: .seconds(5))
                }
                engine.drop("good.csv", into: 1)
                try await until { try await engine.ledger.count(.fresh, spool: engine.spools[1].key) == 1 }
                engine.directory.removeDirectory("spool0")
                engine.directory.rename(away, to: root)
                // Closed before the watch began: quiet for ten seconds is complete.
                try await until {
                    engine.time.advance(by: .seconds(5))
                    return try await engine.ledger.count(.fresh, spool: engine.spools[0].key) == 1
                }
            }
        }
    }

    @Test("a file that cannot be moved to where its verdict wants it is tried again later, and the others are moved at once")
    func disposer() async throws {
        try await EngineFixture.with { engine in
            let spool = engine.spools[0]
            let good = try await engine.claim(["good1.csv", "good2.csv"], in: spool)
            let bad = try await engine.claim(["bad1.csv", "bad2.csv"], in: spool)
            let corrected = try await engine.claim(["corrected.csv"], in: spool)
            try await engine.apply([.posting, .postAccepted, .notifiedFailure(Self.invalid)], to: corrected + bad)
            let disposer = FileDisposer(engine.context)
            try await engine.running({ try await disposer.run() }) {
                try await until { try await engine.ledger.counts()[.disposal] ?? 0 == 0 }
            }
            #expect(Set(engine.files(in: 0)) == ["failed/bad1.csv", "failed/bad2.csv", "failed/corrected.csv"])
            // A better verdict for one that has been moved, two fresh ones, and no way into done/: a file stands in the day's place.
            try await engine.apply([.notifiedSuccess], to: corrected)
            try await engine.apply([.posting, .postAccepted, .notifiedSuccess], to: good)
            let late = try await engine.claim(["late.csv"], in: spool)
            try await engine.apply([.posting, .postAccepted, .notifiedFailure(Self.invalid)], to: late)
            let day = UTCDate(engine.time.wallNow).text
            engine.directory.write("in the way", to: "spool0/done/\(day)")
            try await engine.running({ try await disposer.run() }) {
                // The one that can be moved is; the three that cannot are tried again after their time, and not before.
                await until { engine.files(in: 0).contains("failed/late.csv") }
                await engine.time.untilAlarm(at: engine.time.monotonicNow + .seconds(30))
                #expect(engine.logged.count { $0.contains("moving") || $0.contains("cannot be moved") } == 3)
                engine.directory.removeFile(TemporaryDirectory.relative("spool0/done/\(day)"))
                engine.time.advance(by: .seconds(31))
                try await until { try await engine.ledger.counts()[.disposal] ?? 0 == 0 }
            }
            let expected = ["done/\(day)/corrected.csv", "done/\(day)/good1.csv", "done/\(day)/good2.csv"]
            #expect(Set(engine.files(in: 0)) == Set(expected + ["failed/bad1.csv", "failed/bad2.csv", "failed/late.csv"]))
        }
    }

    @Test("a done/ that cannot be purged and a held file that cannot be looked at keep the housekeeping from nothing else")
    func housekeeper() async throws {
        try await EngineFixture.with(spools: 2, rules: SpoolRules(keepsDoneFor: .seconds(86_400))) { engine in
            for index in 0..<2 {
                engine.directory.makeDirectory("spool\(index)/done/2020-01-01")
                engine.directory.write("old", to: "spool\(index)/done/2020-01-01/old.csv")
            }
            // The daemon holds done/ open: once it is gone from its place nothing can be read by that descriptor.
            engine.directory.removeFile(TemporaryDirectory.relative("spool0/done/2020-01-01/old.csv"))
            engine.directory.removeDirectory("spool0/done/2020-01-01")
            engine.directory.removeDirectory("spool0/done")
            let held = try await engine.claim(["held0.csv"], in: engine.spools[0]) + engine.claim(["held1.csv"], in: engine.spools[1])
            try await engine.apply([.held(.unreadable)], to: held, deadline: .zero)
            let housekeeper = Housekeeper(engine.context)
            try await engine.running({ try await housekeeper.run() }) {
                await engine.time.untilAlarm(at: .seconds(15))
            }
            #expect(engine.logged.count { $0.contains("a file operation failed; tried again") && $0.contains("purging done/") } == 1)
            #expect(engine.directory.names(in: "spool1/done").isEmpty)
            for row in held { #expect(try await engine.ledger.row(row)?.progress.state.description == "deferred") }
        }
    }
}
