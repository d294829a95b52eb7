import KustoEmulator
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// What a message carries may have grown old by the time that the service gets round to it: a new source with fresh ones supersedes it (protocol.md §4).
@Suite(.timeLimit(.minutes(10))) struct StaleCredentialTests {
    enum Staleness: String, CaseIterable, Sendable {
        case blobSignature = "Download_Forbidden"
        case identityToken = "BadRequest_InvalidKustoIdentityToken"
    }

    @Test(
        "a message that waited until its signature or its identity token was no good is superseded by one with fresh ones, and succeeds",
        arguments: [(Staleness.blobSignature, "queue"), (.identityToken, "queue"), (.identityToken, "table")])
    func supersedes(_ staleness: Staleness, method: String) async throws {
        let route = SystemFixture.Route(options: ["report: { method: \(method) }"])
        try await SystemFixture.with(routes: [route], emulator: { $0.startsPaused = true }) { system in
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                _ = try await daemon.events("the post") { !$0.named("queued").isEmpty }
                switch staleness {
                case .blobSignature: system.emulator.expireSignatures()
                case .identityToken: system.emulator.revokeIdentityTokens()
                }
                system.emulator.resumeIngestion()
                return (try await daemon.events("success", deadline: .seconds(120)) { !$0.named("succeeded").isEmpty }, daemon.logged)
            }
            let way = events.of(file: "x.csv")
            let onTheWay: Set<String> = ["queued", "deferred", "superseded"]
            let ends = way.map(\.name).filter { !onTheWay.contains($0) }
            #expect(ends == ["accepted", "succeeded"])
            #expect(way.first { $0.name == "superseded" }?.code == staleness.rawValue)
            #expect(system.emulator.rowCount("Test", "T") == 1)
            Aftermath.expectOnce(Array("a,1\n".utf8), in: "done/", system)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("the daemon asks the engine that its configuration names, and the file goes where that verdict sends it")
    func engine() async throws {
        try await SystemFixture.with(topLevel: ["notifications: { deadline: 2 s }"]) { system in
            let text = system.yaml.replacing("cluster:\n", with: "cluster:\n  engine_uri: \(system.emulator.engineURI)\n")
            system.directory.write(text, to: "kusto-spool.yaml")
            system.emulator.holdNotifications()
            let (events, logged) = try await system.running { daemon in
                system.drop("\"never closed", as: "bad.csv")
                system.drop("a,1\n", as: "good.csv")
                try await system.emulator.waitForOutcomes(2)
                _ = try await daemon.verdicts(2)
                system.emulator.releaseNotifications()
                return (
                    try await daemon.events("the correction", deadline: .seconds(120)) { !$0.named("corrected").isEmpty }, daemon.logged
                )
            }
            #expect(events.verdict(of: "bad.csv")?.name == "failed")
            #expect(events.verdict(of: "good.csv")?.name == "unconfirmed")
            #expect(events.named("corrected").map(\.file) == ["good.csv"])
            Aftermath.expectOnce(Array("\"never closed".utf8), in: "failed/", system)
            Aftermath.expectOnce(Array("a,1\n".utf8), in: "done/", system)
            try Aftermath.check(system, events, logged: logged)
        }
    }
}
