import Glibc
import KustoEmulator
import ResultJournal
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// protocol.md §6: whatever another hand does to the journal of a daemon, the numbers go on, what is lost is announced by one gap line, and no line is
/// written twice.
@Suite struct TamperedJournalTests {
    struct Tampering: Sendable, CustomTestStringConvertible {
        var name: String
        var act: @Sendable (TemporaryDirectory) -> Void
        var testDescription: String { name }
    }

    private static let journal = TemporaryDirectory.relative("log/journal.ndjson")

    static let tampering: [Tampering] = [
        Tampering(name: "removed", act: { $0.removeFile(journal) }),
        Tampering(name: "renamed", act: { $0.rename(journal, to: TemporaryDirectory.relative("log/journal.ndjson.1")) }),
        Tampering(
            name: "renamed and made anew",
            act: { directory in
                directory.rename(journal, to: TemporaryDirectory.relative("log/journal.ndjson.1"))
                directory.write("", to: "log/journal.ndjson")
            }),
        Tampering(
            name: "copied and cut",
            act: { directory in
                directory.write(directory.read(journal) ?? [], to: TemporaryDirectory.relative("log/journal.ndjson.1"))
                directory.overwrite(journal, with: [])
            }),
        Tampering(
            name: "replaced by an empty file",
            act: { directory in
                directory.write("", to: "new")
                directory.rename(TemporaryDirectory.relative("new"), to: journal)
            }),
        Tampering(
            name: "moved away with its directory",
            act: { directory in
                directory.rename(TemporaryDirectory.relative("log"), to: TemporaryDirectory.relative("old-log"))
                directory.makeDirectory("log", mode: 0o700)
            }),
    ]

    @Test("a daemon goes on with a journal that another hand took from it, running or down", arguments: tampering, [true, false])
    func goesOn(_ tampering: Tampering, isRunning: Bool) async throws {
        try await SystemFixture.with { system in
            func ingest(_ name: String, _ daemon: RunningDaemon) async throws -> JournalEvents {
                system.drop("a,1\n", as: name)
                return try await daemon.events("the verdict of \(name)") { $0.verdict(of: name) != nil }
            }
            let lost: Int64
            if isRunning {
                lost = try await system.running { daemon in
                    let lost = try await ingest("a.csv", daemon).events.last?.seq ?? 0
                    tampering.act(system.directory)
                    _ = try await ingest("b.csv", daemon)
                    try await daemon.says("lines of the journal were removed by another hand")
                    return lost
                }
            } else {
                lost = try await system.running { try await ingest("a.csv", $0) }.events.last?.seq ?? 0
                tampering.act(system.directory)
                _ = try await system.running { try await ingest("b.csv", $0) }
            }
            let events = try await system.running { try await ingest("c.csv", $0) }
            #expect(lost == 3)
            #expect(events.events.dropFirst().compactMap(\.seq) == Array(4...9))
            #expect(events.of(file: "b.csv").map(\.name) == ["accepted", "queued", "succeeded"])
            let report = try JournalReader.verify(path: system.journalPath)
            #expect(report.problems.map(\.kind) == [.announcedGap(from: 1, to: 3)])
            let verified = try await system.command("journal", "verify")
            #expect(
                verified.status == 0 && verified.output.contains("every event once, but for what 1 gap line says"), "\(verified.output)")
        }
    }

    @Test("while the journal's directory is missing no files are taken, and with a new one all goes on")
    func directoryMissing() async throws {
        try await SystemFixture.with { system in
            let events = try await system.running { daemon in
                system.drop("a,1\n", as: "a.csv")
                _ = try await daemon.verdicts(1)
                system.directory.rename(TemporaryDirectory.relative("log"), to: TemporaryDirectory.relative("old-log"))
                system.drop("b,1\n", as: "b.csv")
                try await daemon.says("no new files are taken")
                #expect(daemon.logged.contains { $0.contains("install -d -m 0750") })
                system.directory.makeDirectory("log", mode: 0o700)
                try await daemon.says("new files are taken again")
                system.drop("c,1\n", as: "c.csv")
                return try await daemon.events("both verdicts") { $0.verdict(of: "b.csv") != nil && $0.verdict(of: "c.csv") != nil }
            }
            #expect(events.named("gap").count == 1)
            #expect(events.verdicts.map(\.name) == ["succeeded", "succeeded"])
        }
    }

    @Test(
        "a journal that may not be written stops the start with 77, the file's name and the command to look with",
        .enabled(if: OnOwnThread.mayBecomeNobody, "needs CAP_SETUID"))
    func readOnlyAtStart() async throws {
        try await SystemFixture.with { system in
            _ = try await system.running { daemon in
                system.drop("a,1\n", as: "a.csv")
                return try await daemon.verdicts(1)
            }
            system.giveToNobody()
            for path in system.directory.allFiles().keys where !path.displayText.hasPrefix("log/") {
                chown(system.directory.path(path.displayText), 65534, 65534)
            }
            for name in ["spool/.active", "spool/done", "spool/failed", "spool/failed/.reasons"] {
                chown(system.directory.path(name), 65534, 65534)
            }
            system.directory.setMode("log/journal.ndjson", 0o444)
            let ended = try await Program.run(["run", "--config", system.configurationPath], in: system.directory, asNobody: true)
            #expect(ended.status == 77, "\(ended.errors)")
            #expect(ended.errors.contains("log/journal.ndjson") && ended.errors.contains("namei -l"), "\(ended.errors)")
        }
    }
}
