import IngestionModel
import KustoEmulator
import Ledger
import SpoolDaemon
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// What the service may say, and what it may be wrong about (protocol.md §4, §5).
@Suite struct NotificationTests {
    private static func failure(
        _ code: String, source: String, status: String = "Permanent", path: String = "http://elsewhere/c/b.csv", details: String = "text"
    ) -> JSON {
        [
            "OperationId": "00000000-0000-0000-0000-000000000001", "Database": "Test", "Table": "T", "FailedOn": "2026-01-01T00:00:00Z",
            "IngestionSourceId": .string(source), "IngestionSourcePath": .string(path), "Details": .string(details),
            "ErrorCode": .string(code),
            "FailureStatus": .string(status), "RootActivityId": "00000000-0000-0000-0000-000000000002",
            "OriginatesFromUpdatePolicy": false, "ShouldRetry": false,
        ]
    }

    @Test("foreign and malformed notifications are recorded without their secrets, and change nothing")
    func foreign() async throws {
        let texts = ["", "not base64!", "bm90IGpzb24=", "e30=", "W10=", "bnVsbA==", String(repeating: "A", count: 60_000)]
        try await SystemFixture.with { system in
            let (events, logged) = try await system.running { daemon in
                for text in texts where !text.isEmpty { system.emulator.injectNotification(text: text, isFailure: true) }
                let foreign = Self.failure(
                    "X", source: "11111111-1111-4111-8111-111111111111", path: "http://elsewhere/c/b.csv?sv=1&sig=foreignsecret%3D",
                    details: "see http://elsewhere/c/b.csv?sv=1&sig=another%3D&se=2")
                system.emulator.injectNotification(foreign, isFailure: true)
                system.emulator.injectNotification(foreign, isFailure: false)
                system.drop("a,1\n", as: "x.csv")
                return (
                    try await daemon.events("all of them") { $0.named("foreign").count >= texts.count + 1 && !$0.verdicts.isEmpty },
                    daemon.logged
                )
            }
            #expect(events.verdicts.map(\.name) == ["succeeded"])
            #expect(events.named("foreign").count == texts.count + 1)
            // Whole: what is no notification as well.
            let recorded = Set(events.named("foreign").compactMap { $0.object["notification"]?.text })
            #expect(recorded.isSuperset(of: ["not base64!", "not json", "{}", "[]", "null"]))
            #expect(recorded.contains { $0.utf8.count > 40_000 }, "the long one was cut")
            #expect(logged.filter { $0.contains("shared with another client") }.count == 1)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("100,000 notifications of another client are recorded once each, and our own file has its verdict among them")
    func flood() async throws {
        let count = 100_000
        try await SystemFixture.with { system in
            system.emulator.injectForeignNotifications(count, failurePercent: 50)
            let events = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                return try await daemon.events("all of them", deadline: .seconds(300)) { $0.events.count >= count + 3 }
            }
            #expect(events.isGapless)
            #expect(events.of(file: "x.csv").map(\.name) == ["accepted", "queued", "succeeded"])
            let foreign = events.named("foreign").compactMap { $0.object["notification"]?.text }
            #expect(foreign.count == count && Set(foreign).count == count)
            #expect(system.emulator.waitingNotifications.isEmpty)
            Aftermath.expectOnce(Array("a,1\n".utf8), in: "done/", system)
        }
    }

    @Test("what is said of sources that were never posted, or that the ledger does not know, is recorded and not believed")
    func forged() async throws {
        let forbidden = FaultReply(status: 403, body: .storage(code: "AuthenticationFailed", message: "no"))
        try await SystemFixture.with(emulator: { $0.faults = [FaultRule(.blobPut, action: .reply(forbidden))] }) { system in
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                let deferred = try await daemon.events("the deferral") { !$0.named("deferred").isEmpty }
                let source = try #require(deferred.named("deferred").first?.source.flatMap { SourceID($0) })
                let unknown = SourceID(prefix: source.prefix, row: 4711)
                for id in [source, unknown] {
                    for isFailure in [true, false] {
                        system.emulator.injectNotification(Self.failure("X", source: id.description), isFailure: isFailure)
                    }
                }
                // Nothing waits for a verdict, so the queues are read once a minute.
                return (try await daemon.events("the records", deadline: .seconds(90)) { $0.named("forgotten").count == 4 }, daemon.logged)
            }
            #expect(events.verdicts.isEmpty)
            #expect(system.files().contains { $0.key.displayText.hasSuffix("/x.csv") && $0.value == Array("a,1\n".utf8) })
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("where foreign notifications are to be left, they stay in their queue, and ours are taken")
    func left() async throws {
        try await SystemFixture.with(topLevel: ["notifications: { foreign: leave }"]) { system in
            let (events, logged) = try await system.running { daemon in
                system.emulator.injectNotification(Self.failure("X", source: "11111111-1111-4111-8111-111111111111"), isFailure: true)
                system.emulator.injectNotification(text: "not ours at all", isFailure: false)
                system.drop("a,1\n", as: "x.csv")
                return (try await daemon.verdicts(1), daemon.logged)
            }
            #expect(events.events.map(\.name) == ["accepted", "queued", "succeeded"])
            #expect(system.emulator.waitingNotifications.count == 2)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("a duplicate says nothing new, a contradiction is recorded, and a verdict's text holds no secret")
    func duplicates() async throws {
        try await SystemFixture.with { system in
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                let first = try await daemon.verdicts(1)
                let source = try #require(first.verdicts.first?.source)
                let contradiction = Self.failure("Stream_X", source: source, details: "of http://h/c/b.csv?sp=r&sig=leak%3D&x=1")
                for _ in 0..<3 { system.emulator.injectNotification(contradiction, isFailure: true) }
                // While nothing waits for a verdict the queues are read once a minute; a post brings the next look.
                system.drop("b,1\n", as: "y.csv")
                return (try await daemon.events("the contradiction") { !$0.named("contradicted").isEmpty }, daemon.logged)
            }
            #expect(events.of(file: "x.csv").map(\.name).prefix(4) == ["accepted", "queued", "succeeded", "contradicted"])
            Aftermath.expectOnce(Array("a,1\n".utf8), in: "done/", system)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("a failure that the service lets us try again is tried again as a new source, and succeeds")
    func exhausted() async throws {
        for (code, status) in [
            ("General_RetryAttemptsExceeded", "Exhausted"), ("Stream_LowMemoryCondition", "Permanent"), ("New_Code", "Exhausted"),
        ] {
            try await SystemFixture.with(
                emulator: { $0.forcedFailures = [ForcedFailure(table: "T", code: code, failureStatus: status, times: 2)] }
            ) { system in
                let (events, logged) = try await system.running { daemon in
                    system.drop("a,1\n", as: "x.csv")
                    return (try await daemon.events("success") { !$0.named("succeeded").isEmpty }, daemon.logged)
                }
                let names = events.of(file: "x.csv").map(\.name)
                #expect(names == ["accepted", "queued", "superseded", "queued", "superseded", "queued", "succeeded"], "\(code)")
                #expect(Set(events.of(file: "x.csv").compactMap(\.source)).count == 3)
                Aftermath.expectOnce(Array("a,1\n".utf8), in: "done/", system)
                try Aftermath.check(system, events, logged: logged)
            }
        }
    }

    @Test("a transient failure is noted and waited out")
    func transient() async throws {
        try await SystemFixture.with(
            emulator: {
                $0.forcedFailures = [
                    ForcedFailure(table: "T", code: "General_TransientX", failureStatus: "Transient", times: 1, thenSucceeds: true)
                ]
            }
        ) { system in
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                return (try await daemon.events("success") { !$0.named("succeeded").isEmpty }, daemon.logged)
            }
            let names = events.of(file: "x.csv").map(\.name)
            #expect(names == ["accepted", "queued", "noted", "succeeded"] || names == ["accepted", "queued", "succeeded"])
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("a revoked identity token brings a new one, and the file succeeds as a new source")
    func revokedIdentity() async throws {
        try await SystemFixture.with { system in
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "first.csv")
                _ = try await daemon.verdicts(1)
                system.emulator.revokeIdentityTokens()
                system.drop("b,1\n", as: "x.csv")
                return (try await daemon.verdicts(2), daemon.logged)
            }
            let names = events.of(file: "x.csv").map(\.name)
            #expect(names.starts(with: ["accepted", "queued", "superseded"]) && names.last == "succeeded", "\(names)")
            #expect(system.emulator.rowCount("Test", "T") == 2)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("a table that is missing holds the route with one alert, and a success of an operator's retry releases all of it")
    func heldRoute() async throws {
        let missing = ForcedFailure(table: "T", code: "BadRequest_TableNotExist")
        try await SystemFixture.with(
            routes: [SystemFixture.Route(), SystemFixture.Route("other", table: "Other")], emulator: { $0.forcedFailures = [missing] }
        ) { system in
            let (events, logged) = try await system.running { daemon in
                for number in 0..<5 { system.drop("a,\(number)\n", as: "\(number).csv") }
                let held = try await daemon.events("5 superseded ones") { $0.named("superseded").count == 5 }
                system.drop("good,1\n", as: "good.csv", into: "other")
                _ = try await daemon.events("good.csv's verdict") { $0.verdict(of: "good.csv") != nil }
                #expect(daemon.logged.filter { $0.contains("refuses what the spool's configuration names") }.count == 1)
                system.emulator.clearForcedFailures()
                let number = try #require(held.named("superseded").first?.object["successor"]?.text.flatMap { SourceID($0)?.row })
                try LedgerReader(path: LedgerPath.ledger(inState: system.directory.path("state"))).request(
                    .retry, row: number, at: SystemTime().wallNow)
                return (try await daemon.verdicts(6), daemon.logged)
            }
            for number in 0..<5 {
                #expect(events.verdict(of: "\(number).csv")?.name == "succeeded")
                Aftermath.expectOnce(Array("a,\(number)\n".utf8), in: "done/", system)
            }
            #expect(logged.contains { $0.contains("takes the spool's files again") })
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("signatures that expire are renewed, and what failed meanwhile goes on")
    func expiredSignatures() async throws {
        try await SystemFixture.with { system in
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "first.csv")
                _ = try await daemon.verdicts(1)
                system.emulator.expireSignatures()
                system.drop("b,1\n", as: "x.csv")
                return (try await daemon.events("two verdicts", deadline: .seconds(150)) { $0.verdicts.count == 2 }, daemon.logged)
            }
            #expect(events.of(file: "x.csv").map(\.name) == ["accepted", "deferred", "queued", "succeeded"])
            Aftermath.expectOnce(Array("b,1\n".utf8), in: "done/", system)
            try Aftermath.check(system, events, logged: logged)
        }
    }
}
