import IngestionEngine
import KustoEmulator
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// protocol.md §7: a journal that cannot be written stops admission, not draining, up to a bound.
@Suite struct UnwritableJournalTests {
    @Test("while the journal cannot be written files get their verdicts and no new ones are taken; then every line is in it once")
    func admissionStops() async throws {
        try await SystemFixture.with { system in
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "a.csv")
                _ = try await daemon.verdicts(1)
                system.emulator.holdNotifications()
                system.breakJournal()
                system.drop("b,1\n", as: "b.csv")
                try await daemon.says("no new files are taken")
                system.drop("c,1\n", as: "c.csv")
                try await system.emulator.waitForOutcomes(2)
                system.emulator.releaseNotifications()
                // Draining goes on: the message is deleted, which it is only after its verdict is in the ledger.
                try await system.emulator.wait(for: "an empty queue") { $0.notificationCount == 2 && $0.waitingNotifications.isEmpty }
                #expect(system.directory.read("spool/c.csv") == Array("c,1\n".utf8), "a file was taken")
                system.mendJournal()
                try await daemon.says("new files are taken again")
                return (try await daemon.verdicts(3), daemon.logged)
            }
            #expect(events.verdicts.map(\.name) == ["succeeded", "succeeded", "succeeded"])
            #expect(events.named("gap").isEmpty)
            #expect(logged.count { $0.contains("no new files are taken") } == 1)
            for (name, text) in [("b.csv", "b,1\n"), ("c.csv", "c,1\n")] {
                #expect(events.of(file: name).map(\.name) == ["accepted", "queued", "succeeded"])
                Aftermath.expectOnce(Array(text.utf8), in: "done/", system)
            }
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("beyond its bound of waiting events the notification queues are the buffer, and nothing of them is lost")
    func drainingStops() async throws {
        let bound = 1000
        let count = 6000
        try await SystemFixture.with(journalOptions: ", backlog: \(bound)") { system in
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "a.csv")
                _ = try await daemon.verdicts(1)
                system.breakJournal()
                for number in 0..<count {
                    let notification: JSON = [
                        "IngestionSourceId": .string("foreign-\(number)"), "IngestionSourcePath": "http://elsewhere/c/b",
                    ]
                    system.emulator.injectNotification(notification, isFailure: true)
                }
                system.drop("b,1\n", as: "b.csv")
                try await daemon.says("the journal is too far behind")
                // Pages may have been on their way at the look at the bound, or not be deleted yet.
                let left = system.emulator.waitingNotifications.count
                #expect(abs(left - (count + 1 - bound)) <= 32 * DrainWindow.pagesInHand, "\(left) notifications are left")
                system.mendJournal()
                let events = try await daemon.events("all of them") { events in
                    events.named("foreign").count >= count && events.verdicts.count == 2
                }
                return (events, daemon.logged)
            }
            #expect(Set(events.named("foreign").compactMap { $0.object["notification"]?.text }).count == count)
            try Aftermath.check(system, events, logged: logged)
        }
    }
}
