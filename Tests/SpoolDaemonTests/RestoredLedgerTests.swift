import SpoolDaemon
import SpoolTestSupport
import SystemTestSupport
import Testing

@Suite struct RestoredLedgerTests {
    @Test("a ledger that is older than the journal is refused, and its files can be adopted by a new one")
    func restored() async throws {
        try await SystemFixture.with { system in
            _ = try await system.running { daemon in
                system.drop("0,0\n", as: "first.csv")
                return try await daemon.verdicts(1)
            }
            let backup = try #require(system.directory.read("state/ledger.sqlite"))
            _ = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                return try await daemon.verdicts(2)
            }
            system.directory.removeFile(TemporaryDirectory.relative("state/ledger.sqlite-wal"))
            system.directory.write(backup, to: TemporaryDirectory.relative("state/ledger.sqlite"))
            let failure = await #expect(throws: DaemonFailure.self) { try await system.running { _ in } }
            #expect(failure?.status == .configuration)
            #expect(failure?.description.contains("--adopt") ?? false)

            for file in ["ledger.sqlite", "ledger.sqlite-shm"] { system.directory.removeFile(TemporaryDirectory.relative("state/\(file)")) }
            let events = try await system.running(adopts: true) { daemon in
                system.drop("b,2\n", as: "y.csv")
                return try await daemon.events("y.csv") { $0.verdict(of: "y.csv") != nil }
            }
            #expect(events.verdict(of: "y.csv")?.name == "succeeded")
        }
    }

    @Test("a daemon that is stopped as it starts has let go of everything when it has ended")
    func stoppedAtOnce() async throws {
        try await SystemFixture.with { system in
            for _ in 0..<5 { try await system.running { _ in } }
        }
    }

    @Test("with sync_claims files are ingested as without")
    func syncClaims() async throws {
        try await SystemFixture.with(routes: [SystemFixture.Route(options: ["sync_claims: true"])]) { system in
            let events = try await system.running { daemon in
                for index in 0..<5 { system.drop("a,\(index)\n", as: "f\(index).csv") }
                return try await daemon.verdicts(5)
            }
            #expect(events.named("succeeded").count == 5)
        }
    }
}
