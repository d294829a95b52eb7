import Glibc
import KustoEmulator
import SpoolDaemon
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// A spool whose ledger is lost (protocol.md §1).
@Suite struct AdoptionTests {
    @Test("after a lost ledger the start is refused, and --adopt takes the spool over and announces what it repeats")
    func adoption() async throws {
        let forbidden = FaultReply(status: 403, body: .storage(code: "AuthenticationFailed", message: "no"))
        try await SystemFixture.with(
            routes: [SystemFixture.Route(options: ["on_ambiguous: repost"])],
            emulator: { $0.faults = [FaultRule(.blobPut, action: .reply(forbidden))] }
        ) { system in
            try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                _ = try await daemon.events("the deferral") { !$0.named("deferred").isEmpty }
            }
            for path in system.directory.allFiles(below: TemporaryDirectory.relative("state")).keys { system.directory.removeFile(path) }
            system.emulator.faults.clear()
            await #expect { try await system.running { _ in } } throws: { error in
                (error as? DaemonFailure)?.status == .configuration && "\(error)".contains("--adopt")
            }
            let (events, logged) = try await system.running(adopts: true) { daemon in
                system.drop("b,1\n", as: "y.csv")
                return (try await daemon.events("both") { $0.named("succeeded").count == 2 }, daemon.logged)
            }
            let names = events.of(file: "x.csv").map(\.name)
            #expect(names == ["accepted", "deferred", "accepted", "ambiguous", "reposted", "queued", "succeeded"], "\(names)")
            for bytes in ["a,1\n", "b,1\n"] { Aftermath.expectOnce(Array(bytes.utf8), in: "done/", system) }
            #expect(try SecretSearch.findings(in: system.directory, logged: logged) == [])
            // Two ledgers wrote to the journal, each with its own numbers: a reader tells them by the journal's UUID.
            let journals = Dictionary(grouping: events.events, by: { $0.object["journal"]?.text ?? "" })
            #expect(journals.count == 2)
            for lines in journals.values {
                let first = try #require(lines.first?.seq)
                #expect(lines.enumerated().allSatisfy { $0.element.seq == first + Int64($0.offset) }, "\(lines.map(\.seq))")
            }
        }
    }
}
