import IngestionEngine
import IngestionModel
import SpoolDirectory
import SpoolTestSupport
import SystemTestSupport
import Testing

/// protocol.md §3.7 under SIGKILL: a file that changed after its post is put into failed/, and the daemon dies before its row says so.
@Suite struct ChangedFileCrashTests {
    @Test(
        "killed between keeping a changed file and the commit, the next start finds the file in failed/, and tells it once",
        arguments: [false, true])
    func killed(deletesOnSuccess: Bool) async throws {
        let options = deletesOnSuccess ? ["on_success: { action: delete }"] : []
        try await SystemFixture.with(routes: [SystemFixture.Route(options: options)]) { system in
            let item = StartTests.Case(
                testDescription: "a verdict whose file changed after its post", events: [.posting, .postAccepted, .notifiedSuccess],
                contents: "a,2\nb,3\n", journal: ["accepted", "queued", "succeeded", "changed_after_post"], end: "failed")
            _ = try await StartState.prepare(system, item)
            let isReached = try await CrashingChild(system: system, kill: .point(.changedFileKept, occurrence: 1), isFirst: false).run()
            #expect(isReached)
            Aftermath.expectOnce(Array(item.contents.utf8), in: "failed/", system)
            // As if the crash had come before the reason was written, too.
            system.directory.removeFile(TemporaryDirectory.relative("spool/failed/.reasons/x.csv.json"))
            for start in 1...2 {
                let events = try await system.running { daemon in
                    system.drop("marker\(start),1\n", as: "marker\(start).csv")
                    _ = try await daemon.events("the marker's verdict") { $0.verdict(of: "marker\(start).csv") != nil }
                    return try await daemon.events("\(item.journal)", deadline: .seconds(20)) {
                        $0.of(file: "x.csv").count >= item.journal.count
                    }
                }
                #expect(events.of(file: "x.csv").map(\.name) == item.journal, "start \(start)")
                #expect(events.isGapless)
            }
            Aftermath.expectOnce(Array(item.contents.utf8), in: "failed/", system)
            let reason = system.directory.read("spool/failed/.reasons/x.csv.json").map { String(decoding: $0, as: UTF8.self) }
            #expect(reason?.contains(#""verdict":"changed_after_post""#) ?? false, "\(reason ?? "none")")
        }
    }
}
