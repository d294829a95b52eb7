import KustoEmulator
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// `kusto-spool fsck --repair` does what is safe, with the daemon down, and loses nothing.
@Suite struct FsckRepairTests {
    private static func path(_ text: String) -> RelativePath { TemporaryDirectory.relative(text) }

    /// Everything that a repair is for.
    private static func plant(_ fixture: FsckFixture) {
        let directory = fixture.directory
        directory.makeDirectory("spool/.active/\(fixture.uuid)-77", mode: 0o700)
        directory.makeDirectory("spool/.active/\(fixture.uuid)-78", mode: 0o700)
        directory.write("deep", to: "spool/.active/\(fixture.uuid)-78/.from")
        directory.makeDirectory("spool/.active/.markers", mode: 0o700)
        directory.write("m", to: "spool/.active/.markers/x.csv.done")
        directory.removeFile(path("spool/failed/.reasons/bad.csv.json"))
        directory.write("?", to: "spool/failed/mine.txt")
        directory.removeFile(path("spool/.spool"))
    }

    @Test("a repair leaves nothing of what it is for, every file with its bytes, and a spool that the daemon goes on with")
    func repairs() async throws {
        try await FsckFixture.with { fixture in
            Self.plant(fixture)
            let (before, names, _) = try await fixture.check()
            #expect(before == 65 && names == ["claim_empty", "marker_aside", "owner_missing", "reason_missing"])
            var files = fixture.files()
            let reason = fixture.directory.read("spool/failed/.reasons/bad.csv.json")
            #expect(reason == nil)

            let (status, left, object) = try await fixture.check("--repair")
            #expect(status == 0 && left == [], "\(object)")
            let repaired = object["repaired"]?.elements?.compactMap { $0["name"]?.text } ?? []
            #expect(
                repaired.sorted() == ["claim_empty", "claim_empty", "marker_aside", "owner_missing", "reason_missing", "reason_missing"])
            #expect(try await fixture.check().status == 0)

            files[Self.path("spool/x.csv.done")] = files.removeValue(forKey: Self.path("spool/.active/.markers/x.csv.done"))
            #expect(fixture.files() == files)
            let written = try JSONValue(parsing: fixture.directory.read("spool/failed/.reasons/bad.csv.json") ?? [])
            #expect(written["code"]?.text == "Stream_WrongNumberOfFields" && written["verdict"]?.text == "failed", "\(written)")
            let unknown = try JSONValue(parsing: fixture.directory.read("spool/failed/.reasons/mine.txt.json") ?? [])
            #expect(unknown["verdict"]?.text == "unknown")

            fixture.system.emulator.releaseNotifications()
            let events = try await fixture.system.running { daemon in
                try await daemon.events("c.csv") { $0.verdict(of: "c.csv") != nil }
            }
            #expect(events.isGapless && events.verdict(of: "c.csv")?.name == "succeeded")
        }
    }

    @Test("what only the daemon or a person can put right is left as it is, and said")
    func leavesTheRest() async throws {
        try await FsckFixture.with { fixture in
            fixture.directory.write("x,1\n", to: "spool/.active/\(fixture.claim)/x.csv")
            fixture.directory.removeFile(try fixture.done())
            fixture.write(journal: fixture.journal().dropLast())
            fixture.directory.makeDirectory("spool/.active/\(fixture.uuid)-77", mode: 0o700)
            let files = fixture.files()
            let (status, names, object) = try await fixture.check("--repair")
            #expect(status == 65 && names == ["done_missing", "file_without_row", "journal_behind"], "\(object)")
            #expect(object["repaired"]?.elements?.count == 1)
            #expect(fixture.files() == files)
            // The daemon's own part of it.
            fixture.system.emulator.releaseNotifications()
            let events = try await fixture.system.running { daemon in
                try await daemon.events("x.csv") { $0.verdict(of: "x.csv") != nil }
            }
            #expect(events.named("gap").count == 1)
            let (after, left, later) = try await fixture.check()
            #expect(after == 65 && left == ["done_missing", "journal_gap"], "\(later)")
        }
    }

    @Test("beside a running daemon a repair is refused with 75 and its process, and changes nothing")
    func refused() async throws {
        try await FsckFixture.with { fixture in
            _ = try await fixture.system.runningProgram { program, pool in
                try await program.says("ready", on: pool)
                fixture.directory.makeDirectory("spool/.active/\(fixture.uuid)-77", mode: 0o700)
                let refused = try await fixture.system.command("fsck", "--repair")
                #expect(refused.status == 75 && refused.errors.contains("process \(program.pid), holds it"), "\(refused.errors)")
                #expect(try await fixture.check().names == ["claim_empty"])
            }
            #expect(try await fixture.check("--repair").status == 0)
        }
    }

    @Test("a spool of another ledger is not repaired")
    func otherOwner() async throws {
        try await FsckFixture.with { fixture in
            Self.plant(fixture)
            fixture.directory.write("99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee\n", to: "spool/.spool")
            let files = fixture.directory.allFiles(below: Self.path("spool"))
            let (status, names, object) = try await fixture.check("--repair")
            #expect(status == 65 && names == ["claim_empty", "marker_aside", "owner_differs", "reason_missing"], "\(object)")
            #expect(object["not_repaired"]?.elements?.first?.text?.contains("--adopt") == true)
            #expect(
                fixture.directory.allFiles(below: Self.path("spool")).filter { !$0.key.displayText.hasSuffix(".lock") }
                    == files.filter { !$0.key.displayText.hasSuffix(".lock") })
        }
    }
}
