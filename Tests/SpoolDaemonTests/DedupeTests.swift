import KustoEmulator
import KustoWire
import SpoolDaemon
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// `dedupe: ingest_by`: what the daemon has to repeat, the service drops (protocol.md §4).
@Suite(.timeLimit(.minutes(10))) struct DedupeTests {
    /// How a message comes to be repeated.
    enum Repeat: String, CaseIterable, Sendable {
        /// Its reply was lost: the same source is posted again.
        case repost
        /// The service reports a failure that may be tried again, and ingests the source all the same: a successor is posted.
        case successor
    }

    private static func route(_ isDeduped: Bool, method: String = "queue") -> SystemFixture.Route {
        SystemFixture.Route(
            options: ["on_ambiguous: wait 1 s", "report: { method: \(method) }"] + (isDeduped ? ["dedupe: ingest_by"] : []))
    }

    /// Each message is a batch of its own, and the tags of one before are always seen: what the tests are about is ours, not the service's race.
    private static func prepare(_ configuration: inout EmulatorConfiguration, _ report: EmulatorConfiguration.SkipReport = .succeeded) {
        configuration.accounts = 1
        configuration.queuesPerAccount = 1
        configuration.batchingItems = 1
        configuration.tagRacePercent = 0
        configuration.skipReport = report
        configuration.startsPaused = true
    }

    /// Drops a file and has its message posted twice, then lets the service take both.
    private static func repeatPost(_ repetition: Repeat, _ system: SystemFixture, _ daemon: RunningDaemon) async throws {
        if repetition == .repost { _ = system.emulator.faults.add(FaultRule(.queuePut, when: .nth(1), action: .resetAfter)) }
        system.drop("a,1\n", as: "x.csv")
        switch repetition {
        case .repost: _ = try await daemon.events("the repost") { !$0.named("reposted").isEmpty && !$0.named("queued").isEmpty }
        case .successor:
            let posted = try await daemon.events("the post") { !$0.named("queued").isEmpty }
            let source = try #require(posted.named("queued").first?.source)
            system.emulator.injectNotification(
                [
                    "IngestionSourceId": .string(source), "ErrorCode": "General_RetryAttemptsExceeded", "FailureStatus": "Exhausted",
                    "FailedOn": "2026-01-01T00:00:00Z", "ShouldRetry": false,
                ], isFailure: true)
            _ = try await daemon.events("the successor's post") { $0.named("queued").count == 2 }
        }
        system.emulator.resumeIngestion()
        try await system.emulator.waitForOutcomes(2)
    }

    @Test(
        "a repeat is ingested once with the tag and twice without, and the file has succeeded either way",
        arguments: [("queue", true), ("queue", false), ("both", true)], Repeat.allCases)
    func repeats(_ how: (method: String, isDeduped: Bool), _ repetition: Repeat) async throws {
        try await SystemFixture.with(
            routes: [Self.route(how.isDeduped, method: how.method)], emulator: { Self.prepare(&$0, .skipped) }
        ) { system in
            let (events, logged) = try await system.running { daemon in
                try await Self.repeatPost(repetition, system, daemon)
                return (try await daemon.events("success") { !$0.named("succeeded").isEmpty }, daemon.logged)
            }
            #expect(system.emulator.rowCount("Test", "T") == (how.isDeduped ? 1 : 2))
            #expect(system.emulator.outcomes.filter(\.isSkipped).count == (how.isDeduped ? 1 : 0))
            #expect(events.verdicts.map(\.name) == ["succeeded"])
            Aftermath.expectOnce(Array("a,1\n".utf8), in: "done/", system)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("files of the same bytes are different files: none is dropped")
    func sameBytes() async throws {
        try await SystemFixture.with(routes: [Self.route(true)], emulator: { Self.prepare(&$0) }) { system in
            system.emulator.resumeIngestion()
            let events = try await system.running { daemon in
                for number in 0..<5 { system.drop("a,1\n", as: "\(number).csv") }
                _ = try await daemon.verdicts(5)
                // The same name again is a new drop.
                system.drop("a,1\n", as: "0.csv")
                return try await daemon.verdicts(6)
            }
            #expect(events.verdicts.allSatisfy { $0.name == "succeeded" })
            #expect(system.emulator.rowCount("Test", "T") == 6)
        }
    }

    @Test("a file that another ledger adopts keeps its tag: what was posted before the loss is not ingested twice")
    func adoption() async throws {
        try await SystemFixture.with(
            routes: [Self.route(true)],
            emulator: { Self.prepare(&$0) }
        ) { system in
            try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                _ = try await daemon.events("the post") { !$0.named("queued").isEmpty }
            }
            for path in system.directory.allFiles(below: TemporaryDirectory.relative("state")).keys { system.directory.removeFile(path) }
            let events = try await system.running(adopts: true) { daemon in
                _ = try await daemon.events("the second post") { $0.named("queued").count == 2 }
                system.emulator.resumeIngestion()
                return try await daemon.events("success") { !$0.named("succeeded").isEmpty }
            }
            try await system.emulator.waitForOutcomes(2)
            #expect(system.emulator.rowCount("Test", "T") == 1)
            #expect(events.named("succeeded").count == 1)
        }
    }

    @Test("a dropped repeat of which the queues say nothing changes nothing: the first message's report is the verdict")
    func silent() async throws {
        try await SystemFixture.with(routes: [Self.route(true)], emulator: { Self.prepare(&$0, .silent) }) { system in
            let events = try await system.running { daemon in
                try await Self.repeatPost(.repost, system, daemon)
                return try await daemon.events("success") { !$0.named("succeeded").isEmpty }
            }
            #expect(events.events.map(\.name) == ["accepted", "ambiguous", "reposted", "queued", "succeeded"])
            #expect(events.named("reposted").first?.reason?.contains("ingest-by") == true)
            #expect(system.emulator.rowCount("Test", "T") == 1)
        }
    }
}
