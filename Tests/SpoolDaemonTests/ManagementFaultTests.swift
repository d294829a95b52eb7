import KustoEmulator
import SpoolTestSupport
import SystemTestSupport
import Testing

/// The service's management side fails at the start of the daemon, in every way that is known: the daemon goes on, and the file that waited gets its
/// verdict once the fault is over (P8).
@Suite struct ManagementFaultTests {
    static let endpoints: [Endpoint] = [.metadata, .token, .managementResources, .managementIdentity]
    static let faults = Fault.statuses.map(Fault.management) + Fault.nonsense

    @Test("a management request that fails once delays a file and loses nothing", arguments: endpoints, faults)
    func fault(_ endpoint: Endpoint, _ fault: Fault) async throws {
        let contents = "a,1\nb,2\n"
        // After a 404 the public cloud's login would be asked, which is nothing for a test.
        let usesClientSecret = endpoint != .metadata || fault.description != "404"
        try await SystemFixture.with(
            usesClientSecret: usesClientSecret, emulator: { $0.faults = [FaultRule(endpoint, when: .first(1), action: fault.action)] }
        ) { system in
            let (events, logged) = try await system.running { daemon in
                system.drop(contents, as: "x.csv")
                return (try await daemon.verdicts(1), daemon.logged)
            }
            #expect(system.emulator.faults.totalFired == 1)
            #expect(events.of(file: "x.csv").map(\.name) == ["accepted", "queued", "succeeded"])
            Aftermath.expectOnce(Array(contents.utf8), in: "done/", system)
            try Aftermath.check(system, events, logged: logged)
        }
    }
}
