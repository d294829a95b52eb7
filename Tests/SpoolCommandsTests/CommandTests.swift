import Glibc
import KustoEmulator
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// The commands of the real program, as an operator runs them.
@Suite struct CommandTests {
    @Test("check-config says what is right, and --reference prints every key")
    func checkConfig() async throws {
        try await SystemFixture.with { system in
            let good = try await system.command("check-config")
            #expect(good.status == 0)
            #expect(good.output.contains("is right") && good.output.contains("Test.T") && good.errors.isEmpty)
            system.directory.write(system.yaml.replacing("state:", with: "sate:"), to: "kusto-spool.yaml")
            let bad = try await system.command("check-config")
            #expect(bad.status == 78 && bad.output.isEmpty)
            #expect(bad.errors.contains("kusto-spool.yaml:4:1: error: sate: unknown key; did you mean 'state'?"), "\(bad.errors)")
            let reference = try await system.command("check-config", "--reference")
            #expect(reference.status == 0)
            for key in ["ingestion_uri", "max_file_size", "upload_block_size", "on_ambiguous"] {
                #expect(reference.output.contains("`\(key)`"))
            }
            #expect(!reference.output.contains("`instance`"))
        }
    }

    @Test("usage errors are 64, help is 0 and names every option", arguments: ["run", "check-config", "status", "tail", "show", "retry"])
    func help(_ command: String) async throws {
        try await TemporaryDirectory.with { directory in
            let help = try await Program.run([command, "--help"], in: directory)
            #expect(help.status == 0)
            #expect(help.output.contains("USAGE: kusto-spool \(command)") && help.output.contains("--config"))
            let operand = ["show", "retry"].contains(command) ? ["x"] : []
            let wrong = try await Program.run([command, "--frobnicate"] + operand, in: directory)
            #expect(wrong.status == 64)
            #expect(wrong.errors.contains("--frobnicate"))
            let missing = try await Program.run([command, "-c", "/nowhere/kusto-spool.yaml"] + operand, in: directory)
            #expect(missing.status == 78)
            #expect(missing.errors.contains("/nowhere/kusto-spool.yaml") && missing.errors.contains("No such file"), "\(missing.errors)")
        }
    }

    @Test("without a ledger the commands say so")
    func noLedger() async throws {
        try await SystemFixture.with { system in
            for words in [["status"], ["show", "x"], ["retry", "x"]] {
                let result = try await Program.run(words + ["-c", system.configurationPath], in: system.directory)
                #expect(result.status == 66)
                #expect(result.errors.contains("Has the daemon ever run?"), "\(result.errors)")
            }
            // As it is in the daemon's first moments.
            system.directory.write("", to: "state/ledger.sqlite")
            for words in [["status"], ["show", "x"], ["retry", "x"], ["fsck"]] {
                let result = try await Program.run(words + ["-c", system.configurationPath], in: system.directory)
                #expect(result.status == 66)
                #expect(result.errors.contains("it has no tables yet"), "\(result.errors)")
            }
            let tail = try await system.command("tail")
            #expect(tail.status == 0 && tail.output.isEmpty)
        }
    }

    @Test("status, tail, show and retry tell the same story with the daemon running and down")
    func story() async throws {
        try await SystemFixture.with { system in
            let (_, ended) = try await system.runningProgram { _, pool in
                system.drop("a,1\n", as: "good.csv")
                system.drop("a,1\nb\n", as: "bad.csv")
                system.drop("", as: "empty.csv")
                _ = try await JournalEvents.wait(for: "3 verdicts", in: system.journalPath, on: pool) { $0.verdicts.count == 3 }
                try await Self.expectStory(system)
            }
            #expect(ended.status == 0)
            try await Self.expectStory(system)
        }
    }

    private static func expectStory(_ system: SystemFixture) async throws {
        let status = try await system.command("status", "--json")
        let spool = try JSONValue(parsing: Array(status.output.utf8))["spools"]?.elements?.first
        #expect(spool?["succeeded"]?.integer == 1 && spool?["failed"]?.integer == 1 && spool?["skipped"]?.integer == 1, "\(status.output)")
        let table = try await system.command("status")
        #expect(table.status == 0 && table.output.contains(system.directory.path("spool")) && table.output.contains("SUCCEEDED"))

        let failed = try await system.command("tail", "--failed")
        #expect(
            failed.output.contains("bad.csv") && failed.output.contains("Stream_WrongNumberOfFields") && failed.output.contains("empty.csv")
        )
        #expect(!failed.output.contains("good.csv"))
        let last = try await system.command("tail", "-n", "1")
        #expect(last.output.split(separator: "\n").count == 1)
        let none = try await system.command("tail", "-n", "0")
        #expect(none.status == 0 && none.output.isEmpty)
        let json = try await system.command("tail", "--json", "-n", "all")
        var journal = JournalEvents()
        for line in json.output.split(separator: "\n") { try journal.add(Array(line.utf8)) }
        #expect(journal.isGapless && journal.verdicts.count == 3)
        let followed = try await system.command("tail", "-f", "-n", "all", "--verdicts", "3")
        #expect(followed.status == 0 && followed.output.contains("succeeded"))

        let source = try #require(journal.verdict(of: "bad.csv")?.source)
        for name in [
            "bad.csv", "failed/bad.csv", system.directory.path("spool/failed/bad.csv"), system.directory.path("spool/bad.csv"), source,
        ] {
            let shown = try await system.command("show", name)
            #expect(shown.status == 0 && shown.output.contains("Stream_WrongNumberOfFields") && shown.output.contains(source), "\(name)")
            #expect(shown.output.contains(system.directory.path("spool/failed/bad.csv")))
        }
        for command in ["show", "retry"] {
            for name in ["nowhere.csv", "00000000-0000-8000-8000-000000000001"] {
                let unknown = try await system.command(command, name)
                #expect(unknown.status == 65 && unknown.errors.contains("knows no file or source '\(name)'"), "\(unknown.errors)")
            }
        }
        let again = try await system.command("retry", "good.csv")
        #expect(again.status == 65 && again.errors.contains("has succeeded"), "\(again.errors)")
    }

    @Test("a failed file goes back into the spool by retry, with the daemon down or running, and is ingested after the fix")
    func retryFailed() async throws {
        let fault = ForcedFailure(table: "T", code: "Stream_WrongNumberOfFields")
        try await SystemFixture.with(emulator: { $0.forcedFailures = [fault] }) { system in
            let (_, ended) = try await system.runningProgram { _, pool in
                system.drop("a,1\n", as: "one.csv")
                system.drop("a,2\n", as: "two.csv")
                _ = try await JournalEvents.wait(for: "2 failures", in: system.journalPath, on: pool) { $0.named("failed").count == 2 }
                system.emulator.clearForcedFailures()
                let retried = try await Self.retry("one.csv", system)
                #expect(retried.status == 0 && retried.output.contains("is back in the spool"), "\(retried.output)\(retried.errors)")
                _ = try await JournalEvents.wait(for: "success", in: system.journalPath, on: pool) { $0.named("succeeded").count == 1 }
            }
            #expect(ended.status == 0)
            let retried = try await Self.retry("two.csv", system)
            #expect(retried.status == 0)
            #expect(system.directory.read("spool/two.csv") == Array("a,2\n".utf8))
            #expect(system.directory.names(in: "spool/failed/.reasons").isEmpty)
            let twice = try await system.command("retry", "two.csv")
            #expect(twice.status != 0, "\(twice.output)")
            _ = try await system.runningProgram { _, pool in
                _ = try await JournalEvents.wait(for: "success", in: system.journalPath, on: pool) { $0.named("succeeded").count == 2 }
            }
            #expect(system.emulator.rowCount("Test", "T") == 2)
        }
    }

    /// A verdict is in the journal a moment before the file is where it belongs; the command says so, and is given again.
    private static func retry(_ name: String, _ system: SystemFixture) async throws -> Program.Result {
        for _ in 0..<50 {
            let result = try await system.command("retry", name)
            guard result.errors.contains("try again in a moment") else { return result }
        }
        throw TestSupportError("\(name) never came into failed/")
    }

    @Test("an unconfirmed file stays in .active; retry sends it again, and both of its verdicts are told")
    func retryUnconfirmed() async throws {
        try await SystemFixture.with(topLevel: ["notifications: { deadline: 1 s }"]) { system in
            system.emulator.holdNotifications()
            let (events, ended) = try await system.runningProgram { _, pool in
                system.drop("a,1\n", as: "x.csv")
                _ = try await JournalEvents.wait(for: "the deadline", in: system.journalPath, on: pool) { !$0.named("unconfirmed").isEmpty }
                #expect(system.files().keys.contains { $0.displayText.hasPrefix("spool/.active/") && $0.displayText.hasSuffix("/x.csv") })
                let shown = try await system.command("show", "x.csv")
                #expect(shown.output.contains("unconfirmed") && shown.output.contains("kusto-spool retry"), "\(shown.output)")
                let retried = try await system.command("retry", "x.csv")
                #expect(retried.status == 0, "\(retried.errors)")
                _ = try await JournalEvents.wait(for: "the new source", in: system.journalPath, on: pool) { $0.named("queued").count == 2 }
                system.emulator.releaseNotifications()
                return try await JournalEvents.wait(for: "success", in: system.journalPath, deadline: .seconds(90), on: pool) { events in
                    events.events.contains { $0.name == "succeeded" || $0.name == "corrected" }
                }
            }
            #expect(ended.status == 0)
            #expect(events.of(file: "x.csv").map(\.name).starts(with: ["accepted", "queued", "unconfirmed", "superseded", "queued"]))
            let names = system.files().filter { $0.value == Array("a,1\n".utf8) }.keys.map(\.displayText)
            #expect(names.count == 1 && names[0].hasPrefix("spool/done/"), "\(names)")
        }
    }

    @Test("settle gives an unconfirmed file the operator's verdict, and refuses a file that has one", arguments: ["succeeded", "failed"])
    func settle(verdict: String) async throws {
        try await SystemFixture.with(topLevel: ["notifications: { deadline: 1 s }"]) { system in
            system.emulator.holdNotifications()
            let place = verdict == "succeeded" ? "spool/done/" : "spool/failed/"
            let (events, ended) = try await system.runningProgram { _, pool in
                system.drop("a,1\n", as: "x.csv")
                _ = try await JournalEvents.wait(for: "the deadline", in: system.journalPath, on: pool) { !$0.named("unconfirmed").isEmpty }
                let settled = try await system.command("settle", "x.csv", verdict)
                #expect(settled.status == 0 && settled.output.contains("x.csv is \(verdict)"), "\(settled.output)\(settled.errors)")
                return try await JournalEvents.wait(for: "the correction", in: system.journalPath, on: pool) {
                    !$0.named("corrected").isEmpty
                }
            }
            #expect(ended.status == 0)
            let correction = try #require(events.named("corrected").first)
            #expect(correction.object["verdict"]?.text == verdict && correction.reason == "asked for by the operator")
            let names = system.files().filter { $0.value == Array("a,1\n".utf8) }.keys.map(\.displayText)
            #expect(names.count == 1 && names[0].hasPrefix(place), "\(names)")
            let again = try await system.command("settle", "x.csv", "failed")
            #expect(again.status == 65 && again.errors.contains("has its verdict"), "\(again.errors)")
            let nonsense = try await system.command("settle", "x.csv", "perhaps")
            #expect(nonsense.status == 64)
            // A user who may only read still can, after commands that wrote with the daemon down.
            #expect(try await system.command("show", "x.csv").output.contains(verdict))
        }
    }

    @Test("retry of a file of a held route is carried out by the daemon, running or at its next start")
    func retryHeld() async throws {
        let missing = ForcedFailure(table: "T", code: "BadRequest_TableNotExist")
        try await SystemFixture.with(emulator: { $0.forcedFailures = [missing] }) { system in
            _ = try await system.runningProgram { _, pool in
                system.drop("a,1\n", as: "one.csv")
                _ = try await JournalEvents.wait(for: "the hold", in: system.journalPath, on: pool) { $0.named("superseded").count == 1 }
            }
            let status = try await system.command("status")
            #expect(status.output.contains("Held files wait for you"), "\(status.output)")
            system.emulator.clearForcedFailures()
            let retried = try await system.command("retry", "one.csv")
            #expect(
                retried.status == 0 && retried.output.contains("sent again as soon as the daemon looks"),
                "\(retried.output)\(retried.errors)")
            let (events, _) = try await system.runningProgram { _, pool in
                try await JournalEvents.wait(for: "success", in: system.journalPath, on: pool) { !$0.named("succeeded").isEmpty }
            }
            #expect(events.of(file: "one.csv").map(\.name) == ["accepted", "queued", "superseded", "released", "queued", "succeeded"])
            #expect(events.isGapless)
        }
    }
}
