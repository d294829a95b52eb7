import Glibc
import KustoEmulator
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// protocol.md §7 on a small disk that really fills up: the state directory's, which the daemon alone sees.
@Suite(.enabled(if: OnOwnThread.mayMount, "needs CAP_SYS_ADMIN"))
struct FullDiskTests {
    @Test("on a full disk no new files are taken, verdicts stay recordable, and all goes on when there is room")
    func verdictsStayRecordable() async throws {
        let count = 200
        let foreign = 700
        try await SystemFixture.with { system in
            let (events, ended) = try await system.runningProgram(hasSmallDisk: true) { program, pool in
                let filler = program.inside(system.directory.path("state/filler"))
                system.emulator.holdNotifications()
                // Before the daemon's own, so that it is still waiting for those. Their lines, which the journal will not take, make the ledger
                // grow beyond the log that it began with, which it cannot without the reserve.
                let long = JSON.string(String(repeating: "x", count: 8000))
                for _ in 0..<foreign { system.emulator.injectNotification(["IngestionSourceId": "f", "Details": long], isFailure: true) }
                for number in 0..<count { system.drop("a,\(number)\n", as: "\(number).csv") }
                try await system.emulator.waitForOutcomes(count)
                system.breakJournal()
                TemporaryDirectory.fill(at: filler, with: [UInt8](repeating: 1, count: 4096))
                try await program.says("less than 16.0 MiB is kept for verdicts", on: pool)
                system.drop("late,1\n", as: "late.csv")
                system.emulator.releaseNotifications()
                try await system.emulator.wait(for: "empty queues") {
                    $0.notificationCount == count + foreign && $0.waitingNotifications.isEmpty
                }
                try await program.says("the reserve for verdicts was given up", on: pool)
                #expect(system.directory.read("spool/late.csv") == Array("late,1\n".utf8), "a file was taken")
                unlink(filler)
                system.mendJournal()
                try await program.says("new files are taken again", on: pool)
                return try await JournalEvents.wait(for: "all verdicts", in: system.journalPath, on: pool) {
                    $0.verdicts.count == count + 1 && $0.named("foreign").count == foreign
                }
            }
            #expect(ended.status == 0, "\(ended.errors)")
            #expect(events.isGapless && events.verdicts.allSatisfy { $0.name == "succeeded" })
            for number in 0..<count {
                let bytes = Array("a,\(number)\n".utf8)
                let places = system.files().filter { $0.value == bytes }.map(\.key.displayText)
                #expect(places.count == 1 && places[0].hasPrefix("spool/done/"), "\(number): \(places)")
            }
            #expect(Set(events.verdicts.compactMap(\.file)).count == count + 1)
        }
    }
}
