import KustoEmulator
import SpoolDirectory
import SpoolTestSupport
import SystemTestSupport
import Testing

/// Storage fails at each step of a file's way, status by status: the daemon goes on, and the file gets its verdict once the fault is over.
@Suite struct StorageFaultTests {
    /// A step, and how many requests in a row fail there.
    static let steps: [(Endpoint, Int)] = [
        (.blobPut, 2), (.blobPut, 4), (.blobBlock, 2), (.blobBlockList, 2), (.queuePut, 1), (.queuePut, 2), (.queueGet, 2),
        (.queueDelete, 1),
    ]

    @Test("a storage request that fails delays a file and loses nothing", arguments: steps)
    func faults(_ endpoint: Endpoint, _ count: Int) async throws {
        let isQueue = endpoint.rawValue.hasPrefix("queue")
        var random = SeededRandom()
        var dropped: [String: [UInt8]] = [:]
        try await SystemFixture.with(
            routes: [SystemFixture.Route(options: ["on_ambiguous: repost"])], topLevel: ["limits: { upload_block_size: 64 KiB }"],
            emulator: { $0.ingestion = .none }
        ) { system in
            let (events, logged) = try await system.running { daemon in
                for status in Fault.statuses {
                    let name = "\(status).csv"
                    let contents = random.incompressible(endpoint == .blobBlock || endpoint == .blobBlockList ? 150_000 : 500)
                    let rule = FaultRule(endpoint, when: .first(count), action: Fault.storage(status, isQueue: isQueue).action)
                    let number = system.emulator.faults.add(rule)
                    if let name = FileName(name) { system.drop(contents, named: name) }
                    _ = try await daemon.events("the verdict of \(name)") { $0.verdict(of: name) != nil }
                    if endpoint == .queueDelete {
                        try await system.emulator.wait(for: "a deletion") { _ in system.emulator.faults.fired(number) == count }
                    }
                    #expect(system.emulator.faults.fired(number) == count, "\(endpoint) \(status)")
                    system.emulator.faults.remove(number)
                    dropped[name] = contents
                }
                return (try await daemon.verdicts(Fault.statuses.count), daemon.logged)
            }
            for (name, contents) in dropped {
                #expect(events.verdict(of: name)?.name == "succeeded", "\(endpoint) \(name), seed \(random.seed)")
                Aftermath.expectOnce(contents, in: "done/", system)
                if endpoint == .queuePut { Self.expectAnnounced(events, name) }
            }
            try Aftermath.check(system, events, logged: logged)
        }
    }

    /// P4: a post whose fate is unknown is announced as such, and so is its repeat; one that surely was not taken is neither.
    private static func expectAnnounced(_ events: JournalEvents, _ name: String) {
        let isAmbiguous = ["408.csv", "500.csv", "502.csv", "504.csv"].contains(name)
        let names = events.of(file: name).map(\.name)
        #expect(names.contains("ambiguous") == isAmbiguous, "\(name): \(names)")
        #expect(names.contains("reposted") == isAmbiguous, "\(name): \(names)")
    }

    static let doubtful = [
        Fault("a 503 of a gateway", .reply(FaultReply(status: 503, body: .html("<html>try later</html>")))),
        Fault("a 200", .reply(FaultReply(status: 200, body: .html("<html>Welcome to this hotel's network</html>")))),
        Fault("a reset before the body", .resetBefore),
        Fault("a reset instead of the reply", .resetAfter),
        Fault("half a reply", .truncate(after: 10)),
    ]

    @Test("a post without an answer is announced as ambiguous, and the file succeeds", arguments: doubtful)
    func doubt(_ fault: Fault) async throws {
        try await SystemFixture.with(
            routes: [SystemFixture.Route(options: ["on_ambiguous: repost"])],
            emulator: { $0.faults = [FaultRule(.queuePut, when: .first(1), action: fault.action)] }
        ) { system in
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                return (try await daemon.verdicts(1), daemon.logged)
            }
            let names = events.of(file: "x.csv").map(\.name)
            #expect(names.starts(with: ["accepted", "ambiguous"]), "\(names)")
            #expect(events.verdict(of: "x.csv")?.name == "succeeded")
            #expect(system.emulator.faults.totalFired == 1)
            Aftermath.expectOnce(Array("a,1\n".utf8), in: "done/", system)
            try Aftermath.check(system, events, logged: logged)
        }
    }
}
