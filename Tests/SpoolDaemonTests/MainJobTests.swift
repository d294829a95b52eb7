import KustoEmulator
import SpoolTestSupport
import SystemTestSupport
import Testing

/// The main job, end to end.
@Suite struct MainJobTests {
    @Test("a dropped file is ingested row by row, its verdict stands in the journal, and the file in done/")
    func oneFile() async throws {
        try await SystemFixture.with { system in
            let events = try await system.running { daemon in
                system.drop("a,1\nb,2\n", as: "x.csv")
                return try await daemon.verdicts(1)
            }
            #expect(events.of(file: "x.csv").map(\.name) == ["accepted", "queued", "succeeded"])
            #expect(events.isGapless)
            #expect(system.emulator.rowCount("Test", "T") == 2)
            #expect(system.directory.names(in: "spool/done").count == 1)
        }
    }

    @Test("a file that the service refuses is in failed/ with the service's own code and text")
    func refusedFile() async throws {
        try await SystemFixture.with { system in
            let events = try await system.running { daemon in
                system.drop("a,1\nb\n", as: "ragged.csv")
                return try await daemon.verdicts(1)
            }
            let verdict = try #require(events.verdict(of: "ragged.csv"))
            #expect(verdict.name == "failed")
            #expect(verdict.code == "Stream_WrongNumberOfFields")
            #expect(system.directory.read("spool/failed/ragged.csv") == Array("a,1\nb\n".utf8))
            let reason = try #require(system.directory.read("spool/failed/.reasons/ragged.csv.json"))
            #expect(String(decoding: reason, as: UTF8.self).contains("Stream_WrongNumberOfFields"))
        }
    }

    @Test("a file that was dropped while the daemon was down is ingested after its start")
    func droppedBefore() async throws {
        try await SystemFixture.with { system in
            system.drop("a,1\n", as: "early.csv")
            let events = try await system.running { try await $0.verdicts(1) }
            #expect(events.verdict(of: "early.csv")?.name == "succeeded")
        }
    }
}
