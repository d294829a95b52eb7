import Glibc
import KustoEmulator
import SpoolDirectory
import SpoolTestSupport
import SystemTestSupport
import Testing

/// What else can stand in a spool, and what files can be called.
@Suite struct EntryKindTests {
    @Test("a symlink, a FIFO, a socket and a directory stay where they are, and a file among them is ingested")
    func oddities() async throws {
        try await SystemFixture.with { system in
            system.directory.write("secret,1\n", to: "elsewhere")
            symlink(system.directory.path("elsewhere"), system.directory.path("spool/link.csv"))
            symlink("/nowhere", system.directory.path("spool/dangling.csv"))
            mkfifo(system.directory.path("spool/fifo.csv"), 0o644)
            mknod(system.directory.path("spool/socket.csv"), mode_t(S_IFSOCK | 0o644), 0)
            system.directory.makeDirectory("spool/directory.csv")
            system.directory.write("inner,1\n", to: "spool/directory.csv/inner.csv")
            system.directory.write("hidden,1\n", to: "spool/.hidden.csv")
            let (events, logged) = try await system.running { daemon in
                system.drop("a,1\n", as: "x.csv")
                _ = try await daemon.events("x.csv's verdict") { $0.verdict(of: "x.csv") != nil }
                // Dropped while it runs, they come as hints and not from the scan.
                mkfifo(system.directory.path("incoming"), 0o644)
                rename(system.directory.path("incoming"), system.directory.path("spool/fifo2.csv"))
                symlink(system.directory.path("elsewhere"), system.directory.path("spool/link2.csv"))
                system.drop("b,1\n", as: "y.csv")
                return (try await daemon.events("y.csv's verdict") { $0.verdict(of: "y.csv") != nil }, daemon.logged)
            }
            #expect(events.verdicts.map(\.name) == ["succeeded", "succeeded"])
            let left = ["link.csv", "dangling.csv", "fifo.csv", "fifo2.csv", "socket.csv", "directory.csv", "link2.csv", ".hidden.csv"]
            let names = system.directory.names(in: "spool")
            for name in left { #expect(names.contains(try #require(FileName(name))), "\(name)") }
            #expect(system.directory.read("spool/directory.csv/inner.csv") != nil)
            for name in ["link.csv", "fifo.csv", "socket.csv"] {
                #expect(logged.contains { $0.contains(name) }, "nobody was told of \(name)")
            }
            #expect(system.emulator.receivedMessages.count == 2)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    static let names: [[UInt8]] =
        [
            "with space.csv", "with 'single' and \"double\".csv", "100%.csv", "%41%2F%00.csv", "two\nlines.csv", "tab\t.csv", "-rf.csv",
            "--help",
            "?sig=abc&se=1.csv", "back\\slash.csv", "héllo wörld.csv", "日本語.csv", "😀.csv", "~", "a;b|c&d$e`f.csv", "noextension", "*",
            "\u{1B}[31mred.csv",
        ].map { Array($0.utf8) } + [
            Array(repeating: UInt8(ascii: "x"), count: 255), Array("é".utf8) + [0xFF, 0xFE] + Array(".csv".utf8), [0xC3], [0x7F],
            Array(repeating: 0xFF, count: 255),
        ]

    @Test("files of any name are ingested into done/ under it, and refused ones go to failed/ with a reason")
    func anyName() async throws {
        try await SystemFixture.with { system in
            let (events, logged) = try await system.running { daemon in
                for (number, bytes) in Self.names.enumerated() {
                    let name = try #require(FileName(bytes: bytes))
                    system.drop(Array("good,\(number)\n".utf8), named: name)
                }
                _ = try await daemon.verdicts(Self.names.count)
                for bytes in Self.names { system.drop([], named: try #require(FileName(bytes: bytes))) }
                return (try await daemon.verdicts(2 * Self.names.count), daemon.logged)
            }
            for (number, bytes) in Self.names.enumerated() {
                let name = try #require(FileName(bytes: bytes))
                let found = events.of(file: name.displayText).map(\.name)
                #expect(found == ["accepted", "queued", "succeeded", "accepted", "skipped"], "\(name): \(found)")
                let place = system.files().first { $0.value == Array("good,\(number)\n".utf8) }
                #expect(place?.key.name == name && place?.key.displayText.hasPrefix("spool/done/") ?? false, "\(name)")
            }
            #expect(system.directory.names(in: "spool/failed").count == Self.names.count + 1)
            #expect(system.directory.names(in: "spool/failed/.reasons").count == Self.names.count)
            #expect(events.isGapless)
            // One of the names is made to look like a signature: it may stand where names stand.
            let found = try SecretSearch.findings(in: system.directory, logged: logged).filter { !$0.hasSuffix("sig=") }
            #expect(found == [])
        }
    }

    @Test("the same name dropped 100 times is 100 files, in flight and in done/")
    func sameNameGood() async throws {
        try await sameName({ Array("good,\($0)\n".utf8) }, ends: "succeeded", in: "done/")
    }

    @Test("the same name refused 100 times is 100 files in failed/, each with its reason")
    func sameNameBad() async throws {
        try await sameName({ Array("good,\($0)\nbad\n".utf8) }, ends: "failed", in: "failed/") { system in
            #expect(system.directory.names(in: "spool/failed/.reasons").count == 100)
        }
    }

    private func sameName(
        _ contents: (Int) -> [UInt8], ends verdict: String, in place: String, _ check: (SystemFixture) -> Void = { _ in }
    ) async throws {
        try await SystemFixture.with(emulator: { $0.startsPaused = true }) { system in
            let name = try #require(FileName("same.csv"))
            let (events, logged) = try await system.running { daemon in
                for number in 0..<100 {
                    system.drop(contents(number), named: name)
                    // Each is claimed before the next comes, since a rename over a file that nobody has claimed replaces it.
                    _ = try await daemon.events("claim \(number)") { $0.named("accepted").count > number }
                }
                try await system.emulator.wait(for: "100 messages") { $0.waitingMessageCount == 100 }
                system.emulator.resumeIngestion()
                return (try await daemon.verdicts(100), daemon.logged)
            }
            #expect(events.verdicts.map(\.name) == Array(repeating: verdict, count: 100))
            for number in 0..<100 { Aftermath.expectOnce(contents(number), in: place, system) }
            check(system)
            try Aftermath.check(system, events, logged: logged)
        }
    }
}
