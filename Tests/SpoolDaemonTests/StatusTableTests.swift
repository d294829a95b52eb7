import KustoEmulator
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// Reports by status table, from the file to the verdict, with the emulator's ingestor writing the statuses (protocol.md §3.5, §5).
@Suite(.timeLimit(.minutes(10))) struct StatusTableTests {
    private static let byTable = SystemFixture.Route(options: ["report: { method: table }"])
    private static let foreign: JSON = [
        "IngestionSourceId": "11111111-1111-4111-8111-111111111111", "ErrorCode": "X", "FailureStatus": "Permanent",
    ]

    @Test("a route that reports to a table gets its verdicts, good and bad, leaves no entity behind, and touches no queue")
    func verdicts() async throws {
        try await SystemFixture.with(routes: [Self.byTable]) { system in
            system.emulator.injectNotification(Self.foreign, isFailure: true)
            let (events, logged) = try await system.running { daemon in
                for number in 0..<20 { system.drop("a,\(number)\n", as: "\(number).csv") }
                system.drop("\"never closed", as: "bad.csv")
                _ = try await daemon.verdicts(21)
                try await system.emulator.wait(for: "the entities' removal") { $0.statuses.isEmpty }
                return (try await daemon.verdicts(21), daemon.logged)
            }
            for number in 0..<20 { #expect(Self.way(events, "\(number).csv") == ["accepted", "succeeded"]) }
            let bad = try #require(events.verdict(of: "bad.csv"))
            #expect(bad.name == "failed" && bad.code?.isEmpty == false && bad.reason?.isEmpty == false)
            #expect(bad.object["failure_status"]?.text == "permanent")
            #expect(system.emulator.statusCounts.unprepared == 0 && system.emulator.statusCounts.lost == 0)
            #expect(system.emulator.waitingNotifications.map(\.dequeueCount) == [0], "the queues are others'")
            Aftermath.expectOnce(Array("a,7\n".utf8), in: "done/", system)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("with both ways of reporting each file has one verdict, whichever comes first")
    func both() async throws {
        let route = SystemFixture.Route(options: ["report: { method: both }"])
        try await SystemFixture.with(routes: [route]) { system in
            let (events, logged) = try await system.running { daemon in
                for number in 0..<10 { system.drop("a,\(number)\n", as: "\(number).csv") }
                _ = try await daemon.verdicts(10)
                try await system.emulator.wait(for: "both kinds of report to be read") {
                    $0.statuses.isEmpty && $0.waitingNotifications.isEmpty
                }
                return (try await daemon.verdicts(10), daemon.logged)
            }
            for number in 0..<10 { #expect(Self.way(events, "\(number).csv") == ["accepted", "succeeded"]) }
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test(
        "nothing is posted before its entity stands, and one that an earlier attempt inserted is as good",
        arguments: [
            (Endpoint.tableInsert, FaultAction.reply(.serverBusy), 1), (.tableInsert, .resetAfter, 1), (.tableInsert, .resetBefore, 1),
            (.queuePut, .reply(.serverBusy), 3),
        ] as [(Endpoint, FaultAction, Int)])
    func entityFirst(endpoint: Endpoint, action: FaultAction, times: Int) async throws {
        let rule = FaultRule(endpoint, when: .first(times), action: action)
        try await SystemFixture.with(routes: [Self.byTable], emulator: { $0.faults = [rule] }) { system in
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                return (try await daemon.verdicts(1), daemon.logged)
            }
            #expect(system.emulator.faults.totalFired == times)
            let names = events.of(file: "x.csv").map(\.name)
            #expect(names.first == "accepted" && names.last == "succeeded" && !names.contains("ambiguous"), "\(names)")
            #expect(system.emulator.statusCounts.unprepared == 0)
            #expect(system.emulator.rowCount("Test", "T") == 1)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("what waits for a status waits in the ledger: a daemon that is started again reads it")
    func restart() async throws {
        try await SystemFixture.with(routes: [Self.byTable]) { system in
            system.emulator.pauseIngestion()
            try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                _ = try await daemon.events("the post") { !$0.named("queued").isEmpty }
            }
            system.emulator.resumeIngestion()
            try await system.emulator.waitForOutcomes(1)
            let (events, logged) = try await system.running { daemon in (try await daemon.verdicts(1), daemon.logged) }
            #expect(events.events.map(\.name) == ["accepted", "queued", "succeeded"])
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("a route that is changed from queue to table still gets the verdicts of what it posted before")
    func changedRoute() async throws {
        try await SystemFixture.with { system in
            system.emulator.pauseIngestion()
            try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                _ = try await daemon.events("the post") { !$0.named("queued").isEmpty }
            }
            system.directory.write(system.yaml + "    report: { method: table }\n", to: "kusto-spool.yaml")
            system.emulator.resumeIngestion()
            let (events, logged) = try await system.running { daemon in
                system.drop("b,1\n", as: "y.csv")
                return (try await daemon.verdicts(2), daemon.logged)
            }
            #expect(Set(events.verdicts.map(\.name)) == ["succeeded"])
            #expect(system.emulator.waitingNotifications.isEmpty)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("a failure that may be tried again has its successor's own entity, and a lost reply to the post its first one")
    func successors() async throws {
        let failing = ForcedFailure(table: "T", code: "General_RetryAttemptsExceeded", failureStatus: "Exhausted", times: 1)
        let lost = FaultRule(.queuePut, when: .nth(1), action: .resetAfter)
        let route = SystemFixture.Route(options: ["report: { method: table }", "on_ambiguous: wait 2 s"])
        try await SystemFixture.with(
            routes: [route],
            emulator: {
                $0.faults = [lost]
                $0.forcedFailures = [failing]
            }
        ) { system in
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                _ = try await daemon.events("success") { !$0.named("succeeded").isEmpty }
                return (try await daemon.events("success") { !$0.named("succeeded").isEmpty }, daemon.logged)
            }
            let names = events.of(file: "x.csv").map(\.name)
            #expect(names.starts(with: ["accepted", "ambiguous", "superseded"]) && names.last == "succeeded", "\(names)")
            #expect(system.emulator.statusCounts.unprepared == 0)
            #expect(system.emulator.rowCount("Test", "T") == 1)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test(
        "a status that could not be written, since the signature in its message had ended, is a verdict that never comes: the file is unconfirmed at its deadline, and stays"
    )
    func lostStatus() async throws {
        let deadline = ["notifications: { deadline: 3 s }"]
        try await SystemFixture.with(routes: [Self.byTable], topLevel: deadline, emulator: { $0.startsPaused = true }) { system in
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                _ = try await daemon.events("the post") { !$0.named("queued").isEmpty }
                system.emulator.expireSignatures()
                system.emulator.resumeIngestion()
                let unconfirmed = try await daemon.events("the deadline", deadline: .seconds(120)) { !$0.named("unconfirmed").isEmpty }
                #expect(system.emulator.statusCounts.lost == 1)
                #expect(unconfirmed.verdicts.map(\.name) == ["unconfirmed"])
                #expect(system.files(in: "spool").keys.contains { $0.displayText.hasPrefix("spool/.active/") }, "an unconfirmed file stays")
                // The operator ends it: another message, which says so.
                #expect(try await system.command("retry", "x.csv").status == 0)
                return (try await daemon.events("success", deadline: .seconds(120)) { !$0.named("succeeded").isEmpty }, daemon.logged)
            }
            #expect(Self.way(events, "x.csv").filter { $0 != "accepted" } == ["unconfirmed", "superseded", "succeeded"])
            #expect(system.emulator.rowCount("Test", "T") == 1)
            Aftermath.expectOnce(Array("a,1\n".utf8), in: "done/", system)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    /// A file's events but for `queued`, which a verdict may overtake.
    private static func way(_ events: JournalEvents, _ file: String) -> [String] {
        events.of(file: file).map(\.name).filter { $0 != "queued" }
    }

    // MARK: - Fleets

    @Test("three daemons on one cluster that report to its table get all their verdicts, and none of another's")
    func fleet() async throws {
        let count = 60
        try await SystemFixture.with { system in
            let journals = try await system.runningFleet(3, options: ["report: { method: table }"]) { members in
                for number in 0..<count {
                    for (index, member) in members.enumerated() {
                        system.drop("\(index),\(number)\n", as: "\(index)-\(number).csv", into: member.spool)
                    }
                }
                var journals: [JournalEvents] = []
                for member in members { journals.append(try await member.daemon.verdicts(count)) }
                return journals
            }
            for (index, events) in journals.enumerated() {
                #expect(events.isGapless)
                #expect(events.verdicts.allSatisfy { $0.name == "succeeded" })
                #expect(Set(events.verdicts.compactMap(\.file)) == Set((0..<count).map { "\(index)-\($0).csv" }))
                #expect(events.named("foreign").isEmpty && events.named("forgotten").isEmpty)
            }
            #expect(system.emulator.rowCount("Test", "T") == 3 * count)
            #expect(try SecretSearch.findings(in: system.directory, logged: []) == [])
        }
    }

    @Test(
        "two daemons that leave what is not theirs get all their verdicts beside another program that does the same, and it gets all of its own"
    )
    func besideAReader() async throws {
        let count = 40
        try await SystemFixture.with { system in
            let emulator = system.emulator
            let theirs = (0..<200).map { number in
                let digits = String(number, radix: 16)
                return "aaaaaaaa-bbbb-4ccc-8ddd-" + String(repeating: "0", count: 12 - digits.count) + digits
            }
            let topLevel = ["notifications: { foreign: leave }"]
            let (journals, others) = try await system.runningFleet(2, options: [], topLevel: topLevel) { members in
                // All notifications come at once, so that the three are sure to meet at the queues.
                emulator.holdNotifications()
                for number in 0..<count {
                    for (index, member) in members.enumerated() {
                        system.drop("\(index),\(number)\n", as: "\(index)-\(number).csv", into: member.spool)
                    }
                }
                try await emulator.waitForOutcomes(2 * count)
                for (number, id) in theirs.enumerated() {
                    emulator.injectNotification(["IngestionSourceId": .string(id)], isFailure: number % 2 == 0)
                }
                async let others = NotificationReader.read(Set(theirs), of: emulator)
                emulator.releaseNotifications()
                var journals: [JournalEvents] = []
                for member in members { journals.append(try await member.daemon.verdicts(count, deadline: .seconds(120))) }
                return (journals, try await others)
            }
            for (index, events) in journals.enumerated() {
                #expect(events.isGapless)
                #expect(events.verdicts.allSatisfy { $0.name == "succeeded" })
                #expect(Set(events.verdicts.compactMap(\.file)) == Set((0..<count).map { "\(index)-\($0).csv" }))
                #expect(events.named("foreign").isEmpty && events.named("forgotten").isEmpty)
            }
            #expect(others > 0, "the reader never met anybody else's")
            #expect(emulator.waitingNotifications.isEmpty)
        }
    }
}
