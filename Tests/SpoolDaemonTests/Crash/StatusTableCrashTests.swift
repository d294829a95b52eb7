import IngestionEngine
import KustoEmulator
import SpoolTestSupport
import SystemTestSupport
import Testing

/// protocol.md §3.4 to §3.7 under SIGKILL, on a route that reports to a table: between the commit, the entity, the post, the verdict and the entity's removal.
@Suite(.serialized, .timeLimit(.minutes(10))) struct StatusTableCrashTests {
    private static let points: [EngineHooks.Point] = [
        .postingCommitted, .posted, .queuedCommitted, .notificationRead, .verdictCommitted, .notificationDeleted, .disposalCommitted,
    ]

    @Test("killed at any step, every file has its one verdict, every repeat was announced, and the entities go", arguments: points)
    func killed(at point: EngineHooks.Point) async throws {
        let count = 4
        let route = SystemFixture.Route(options: ["report: { method: table }", "on_ambiguous: wait 1 s"])
        try await SystemFixture.with(routes: [route]) { system in
            for number in 0..<count { system.drop("a,\(number)\n", as: "\(number).csv") }
            let isReached = try await CrashingChild(system: system, kill: .point(point, occurrence: 1), isFirst: false).run()
            #expect(isReached)
            let (events, logged) = try await system.running { daemon in
                let repeats = try await daemon.verdicts(count, deadline: .seconds(120)).named("reposted").count
                // The second message of a source may be reported when the first one's entity is gone, and make another.
                try await system.emulator.wait(for: "the entities' removal", deadline: .seconds(120)) { $0.statuses.count <= repeats }
                return (try await daemon.verdicts(count), daemon.logged)
            }
            let repeats = events.named("reposted").count
            #expect((count...count + repeats).contains(system.emulator.rowCount("Test", "T")))
            for number in 0..<count {
                #expect(events.of(file: "\(number).csv").filter { $0.name == "succeeded" }.count == 1)
                Aftermath.expectOnce(Array("a,\(number)\n".utf8), in: "done/", system)
            }
            try Aftermath.check(system, events, logged: logged)
        }
    }
}
