import IngestionEngine
import IngestionModel
import Ledger
import SpoolDaemon
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// protocol.md §3.8: retention removes only disposed files.
@Suite struct RetentionTests {
    @Test("a file in done/ whose disposal a crash left uncommitted outlives its retention until it is committed, and goes then")
    func afterAnOutage() async throws {
        let route = SystemFixture.Route(options: ["on_success: { action: move, keep: 1 day }"])
        try await SystemFixture.with(routes: [route]) { system in
            // The daemon crashed between the move and its commit, and was down for longer than done/ keeps a file.
            let crash = SystemTime().wallNow - .seconds(10 * 86_400)
            let item = StartTests.Case(
                testDescription: "a verdict whose file is at its target", events: [.posting, .postAccepted, .notifiedSuccess],
                place: "done/{today}/x.csv", journal: ["accepted", "queued", "succeeded"], end: "done")
            _ = try await StartState.prepare(system, item, at: crash)
            let purged = Signal()
            let committed = Signal()
            // A round of retention comes before the first disposal, however the threads run.
            let isHeldUp = Flag()
            let hooks = EngineHooks { point in
                switch point {
                case .donePurged: purged.raise()
                case .disposalFound where !isHeldUp.isSet:
                    isHeldUp.set()
                    await purged.wait()
                case .disposalCommitted: committed.raise()
                default: break
                }
            }
            try await system.running(hooks: hooks) { _ in await committed.wait() }
            #expect(isHeldUp.isSet)
            let row = try LedgerReader(path: LedgerPath.ledger(inState: system.directory.path("state"))).find(file: "x.csv").first
            guard case .done(let path)? = row?.source.location else {
                Issue.record("the file is \(row.map { "\($0.source.location)" } ?? "unknown")")
                return
            }
            Aftermath.expectOnce(Array("a,1\n".utf8), in: path, system)
            // Disposed of and older than a day: the next start's retention takes it, and nobody misses it.
            let events = try await system.running(hooks: EngineHooks { if $0 == .donePurged { purged.raise() } }) { daemon in
                await purged.wait()
                system.drop("marker,1\n", as: "marker.csv")
                return try await daemon.events("the marker's verdict") { $0.verdict(of: "marker.csv") != nil }
            }
            #expect(system.files().keys.allSatisfy { $0.name?.displayText != "x.csv" })
            #expect(events.of(file: "x.csv").map(\.name) == item.journal)
        }
    }
}
