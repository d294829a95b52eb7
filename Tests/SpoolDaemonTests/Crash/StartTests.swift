import IngestionEngine
import IngestionModel
import KustoEmulator
import KustoWire
import Ledger
import SpoolDaemon
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// protocol.md, "On start", a row a case: what a crash (or another hand) left, and what the next start makes of it.
@Suite struct StartTests {
    /// What is on disk and in the ledger before the start, and what must come of it.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Events of the row; nil where the file has none.
        var events: [SourceEvent]?
        /// Where the file is, relative to the spool; `{claim}` is its claim's directory. Nil: nowhere.
        var place: String? = "{claim}/x.csv"
        /// What the file holds when the daemon starts; the row has the size of `a,1\n`.
        var contents = "a,1\n"
        /// The file's events of the journal, in order, after the start has settled.
        var journal: [String]
        /// Where it is at the end.
        var end: String?
    }

    private static let later = Timestamp(seconds: 0)

    static let cases: [Case] = [
        Case(
            testDescription: ".active without a row: never uploaded, claimed now", events: nil,
            journal: ["accepted", "queued", "succeeded"], end: "done"),
        Case(testDescription: "claimed: uploaded again", events: [], journal: ["accepted", "queued", "succeeded"], end: "done"),
        Case(
            testDescription: "posting: ambiguous, then reposted with an announcement", events: [.posting],
            journal: ["accepted", "ambiguous", "reposted", "queued", "succeeded"], end: "done"),
        Case(
            testDescription: "ambiguous: reposted when its wait is over", events: [.posting, .postInDoubt(repostAt: later)],
            journal: ["accepted", "ambiguous", "reposted", "queued", "succeeded"], end: "done"),
        Case(
            testDescription: "deferred: tried again", events: [.deferred(until: later)],
            journal: ["accepted", "deferred", "queued", "succeeded"], end: "done"),
        Case(
            testDescription: "a verdict without its disposal: disposed of", events: [.posting, .postAccepted, .notifiedSuccess],
            journal: ["accepted", "queued", "succeeded"], end: "done"),
        Case(
            testDescription: "a verdict whose file is at its target: only committed", events: [.posting, .postAccepted, .notifiedSuccess],
            place: "done/{today}/x.csv", journal: ["accepted", "queued", "succeeded"], end: "done"),
        Case(
            testDescription: "a corrected verdict whose file is where the one before sent it: moved on",
            events: [.posting, .postAccepted, .notifiedFailure(failure), .notifiedSuccess], place: "failed/x.csv",
            journal: ["accepted", "queued", "failed", "corrected"], end: "done"),
        Case(
            testDescription: "a corrected presumption whose file is in done/ of another day: moved on",
            events: [.posting, .postAccepted, .deadlinePassed(reportsSuccesses: false), .notifiedFailure(failure)],
            place: "done/{yesterday}/x.csv", journal: ["accepted", "queued", "presumed", "corrected"], end: "failed"),
        Case(
            testDescription: "a verdict whose file changed after its post and was put into failed/ for it: told once",
            events: [.posting, .postAccepted, .notifiedSuccess], place: "failed/x.csv", contents: "a,2\nb,3\n",
            journal: ["accepted", "queued", "succeeded", "changed_after_post"], end: "failed"),
        Case(
            testDescription: "a verdict whose file was put where it sends it and changed there: told once, and it stays",
            events: [.posting, .postAccepted, .notifiedSuccess], place: "done/{today}/x.csv", contents: "a,2\nb,3\n",
            journal: ["accepted", "queued", "succeeded", "changed_after_post"], end: "done"),
        Case(
            testDescription: "a claimed file that was rewritten in place: read as it is now", events: [], contents: "a,2\n",
            journal: ["accepted", "deferred", "queued", "succeeded"], end: "done"),
        Case(
            testDescription: "a verdict whose file is nowhere: vanished, once", events: [.posting, .postAccepted, .notifiedSuccess],
            place: nil, journal: ["accepted", "queued", "succeeded", "vanished"]),
        Case(
            testDescription: "a claimed row whose file is nowhere: vanished, once", events: [], place: nil,
            journal: ["accepted", "vanished"]),
        Case(
            testDescription: "an ambiguous row whose file is nowhere: vanished, once", events: [.posting, .postInDoubt(repostAt: later)],
            place: nil, journal: ["accepted", "ambiguous", "vanished"]),
        Case(
            testDescription: "a queued row whose file is nowhere: vanished, once, and it still waits", events: [.posting, .postAccepted],
            place: nil, journal: ["accepted", "queued", "vanished"]),
        Case(
            testDescription: "a claimed file that came back shorter: held, never ingested cut short", events: [], contents: "a",
            journal: ["accepted", "held"], end: ".active"),
        Case(
            testDescription: "a claimed file that came back empty: held, not skipped", events: [], contents: "",
            journal: ["accepted", "held"], end: ".active"),
        Case(
            testDescription: "a file of an interrupted post that came back shorter: held", events: [.posting], contents: "a",
            journal: ["accepted", "ambiguous", "held"], end: ".active"),
        Case(
            testDescription: "a file of a queued message that came back shorter: waits for its verdict", events: [.posting, .postAccepted],
            contents: "a", journal: ["accepted", "queued"], end: ".active"),
    ]
    private static let failure = FailureReport(errorCode: "Stream_WrongNumberOfFields", failureStatus: .permanent)

    @Test("on start, rows and directories are made to agree", arguments: cases)
    func onStart(_ item: Case) async throws {
        try await SystemFixture.with(routes: [SystemFixture.Route(options: ["on_ambiguous: repost"])]) { system in
            let state = try await StartState.prepare(system, item)
            // Twice: what a start has said, the next does not say again.
            for start in 1...2 {
                let events = try await system.running { daemon in
                    // The marker comes last: whatever the start had to do with the file was done, or is on its way, before it.
                    system.drop("marker\(start),1\n", as: "marker\(start).csv")
                    _ = try await daemon.events("the marker's verdict") { $0.verdict(of: "marker\(start).csv") != nil }
                    return try await daemon.events("\(item.journal) (\(item.testDescription))") {
                        $0.of(file: "x.csv").count >= item.journal.count
                    }
                }
                #expect(events.of(file: "x.csv").map(\.name) == item.journal, "start \(start)")
                #expect(events.isGapless)
            }
            let files = CrashFiles.files(of: "spool", in: system.directory).filter { $0.key.name == FileName("x.csv") }
            #expect(files.keys.map { $0.components[0].displayText } == (item.end.map { [$0] } ?? []))
            #expect(files.values.allSatisfy { $0 == Array(item.contents.utf8) })
            let landed = try system.emulator.rows("Test", "T").count { $0.texts.first != nil && $0.texts[0]?.hasPrefix("a") == true }
            // A message of the past that this emulator never saw brings no rows; whatever is posted now brings the whole file once.
            #expect(landed == (state.isPostedNow ? 1 : 0))
        }
    }

    @Test("a spool of another ledger is refused with the configuration's code; adopted, its claimed files count as perhaps posted")
    func adoption() async throws {
        try await SystemFixture.with(routes: [SystemFixture.Route(options: ["on_ambiguous: repost"])]) { system in
            let other = "99999999-2222-4333-8444-555555555555"
            system.directory.write("\(other)\n", to: "spool/.spool")
            StartState.place(system, claim: "\(other)-7", contents: "a,1\n")
            let refused = await #expect(throws: DaemonFailure.self) { try await system.running { _ in } }
            #expect(refused?.status == .configuration)
            #expect(refused?.description.contains("--adopt") == true)
            let events = try await system.running(adopts: true) { try await $0.verdicts(1) }
            #expect(events.of(file: "x.csv").map(\.name) == ["accepted", "ambiguous", "reposted", "queued", "succeeded"])
            #expect(system.emulator.rowCount("Test", "T") == 1)
        }
    }

    @Test("the files of another ledger's claim count as perhaps posted also when the adoption itself was cut off, or .spool was deleted")
    func adoptionCutOff() async throws {
        try await SystemFixture.with(routes: [SystemFixture.Route(options: ["on_ambiguous: repost"])]) { system in
            StartState.place(system, claim: "99999999-2222-4333-8444-555555555555-7", contents: "a,1\n")
            let events = try await system.running { try await $0.verdicts(1) }
            #expect(events.of(file: "x.csv").map(\.name) == ["accepted", "ambiguous", "reposted", "queued", "succeeded"])
        }
    }

    @Test("a spool whose .spool was deleted is taken again by its own ledger, and goes on where it was")
    func ownerDeleted() async throws {
        try await SystemFixture.with { system in
            let owner = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                _ = try await daemon.verdicts(1)
                return system.directory.read("spool/.spool")
            }
            system.directory.removeFile(TemporaryDirectory.relative("spool/.spool"))
            let events = try await system.running { daemon in
                system.drop("b,1\n", as: "y.csv")
                return try await daemon.verdicts(2)
            }
            #expect(events.isGapless && events.verdict(of: "y.csv")?.name == "succeeded")
            #expect(system.directory.read("spool/.spool") == owner && owner != nil)
        }
    }

    @Test("a second daemon is refused with the first one's pid and the code for it, and the first goes on")
    func secondDaemon() async throws {
        try await SystemFixture.with { system in
            let events = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                _ = try await daemon.verdicts(1)
                let refused = await #expect(throws: DaemonFailure.self) { try await system.running { _ in } }
                #expect(refused?.status == .locked)
                #expect(refused?.description.contains("\(StartState.ownPID)") == true)
                system.drop("b,1\n", as: "y.csv")
                return try await daemon.verdicts(2)
            }
            #expect(events.verdict(of: "y.csv")?.name == "succeeded")
        }
    }
}
