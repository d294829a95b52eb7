import Glibc
import KustoEmulator
import SpoolTestSupport
import SystemTestSupport
import Testing

/// What the daemon cannot start with: the exit code by sysexits.h, and a sentence that says what to do.
@Suite struct StartTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Spoils the system before the start; gives back the configuration's text.
        var spoil: @Sendable (SystemFixture) -> String
        var status: Int32
        var says: [String]
        var asNobody = false
    }

    static let rows = [
        Row(
            testDescription: "the engine's address",
            spoil: { replacing($0, $0.emulator.ingestURI, "https://mycluster.westeurope.kusto.windows.net") },
            status: 78, says: ["kusto-spool.yaml:2:18", "use https://ingest-mycluster.westeurope.kusto.windows.net"]),
        Row(
            testDescription: "an unknown key", spoil: { $0.yaml + "frobnicate: 1\n" }, status: 78,
            says: ["kusto-spool.yaml:12:1", "frobnicate"]),
        Row(
            testDescription: "a mistyped key", spoil: { replacing($0, "    table: T", "    tabel: T") }, status: 78,
            says: ["kusto-spool.yaml:9:5", "did you mean 'table'"]),
        Row(
            testDescription: "a bad value", spoil: { replacing($0, "format: csv", "format: cvs") }, status: 78,
            says: ["kusto-spool.yaml:10:13", "cvs"]),
        Row(testDescription: "no YAML", spoil: { _ in "cluster: [\n" }, status: 78, says: ["kusto-spool.yaml:"]),
        Row(
            testDescription: "a missing credential",
            spoil: { system in
                system.directory.removeFile(TemporaryDirectory.relative("token"))
                return system.yaml
            }, status: 77, says: ["cluster.credential", "/token", "No such file"]),
        Row(
            testDescription: "an empty credential",
            spoil: { system in
                system.directory.write("\n", to: "token")
                return system.yaml
            }, status: 77, says: ["cluster.credential", "/token: empty"]),
        Row(
            testDescription: "a credential that is a secret itself",
            spoil: { replacing($0, "token: \($0.directory.path("token"))", "token: emulator-token") }, status: 78,
            says: ["kusto-spool.yaml:3:"]),
        Row(
            testDescription: "a missing spool",
            spoil: { system in
                rmdir(system.directory.path("spool"))
                return system.yaml
            }, status: 66, says: ["/spool: No such file", "install -d -m 2730"]),
        Row(
            testDescription: "a spool that is a file",
            spoil: { system in
                rmdir(system.directory.path("spool"))
                system.directory.write("x", to: "spool")
                return system.yaml
            }, status: 71, says: ["/spool"]),
        Row(
            testDescription: "a missing directory of the journal",
            spoil: { system in
                rmdir(system.directory.path("log"))
                return system.yaml
            }, status: 66, says: ["/log", "install -d -m 0750 -o kusto-spool "]),
        Row(
            testDescription: "a spool of another ledger",
            spoil: { system in
                system.directory.write("00000000-0000-4000-8000-000000000000\n", to: "spool/.spool")
                return system.yaml
            }, status: 78, says: ["--adopt", "00000000-0000-4000-8000-000000000000"]),
        Row(
            testDescription: "a spool that the daemon may not open",
            spoil: { system in
                system.giveToNobody()
                chown(system.directory.path("spool"), 0, 0)
                chmod(system.directory.path("spool"), 0o700)
                return system.yaml
            }, status: 77, says: ["/spool: Permission denied", "namei -l"], asNobody: true),
        Row(
            testDescription: "a state directory that the daemon may not write",
            spoil: { system in
                system.giveToNobody()
                chown(system.directory.path("state"), 0, 0)
                chmod(system.directory.path("state"), 0o755)
                return system.yaml
            }, status: 77, says: ["/state", "Permission denied"], asNobody: true),
        Row(
            testDescription: "a credential that the daemon may not read",
            spoil: { system in
                system.giveToNobody()
                chown(system.directory.path("token"), 0, 0)
                return system.yaml
            }, status: 77, says: ["cluster.credential", "/token: Permission denied"], asNobody: true),
        Row(
            testDescription: "a ledger that is none",
            spoil: { system in
                system.directory.write(
                    "this is no database, but it is long enough to be taken for one at the first look", to: "state/ledger.sqlite")
                return system.yaml
            }, status: 74, says: ["ledger.sqlite"]),
    ]

    private static func replacing(_ system: SystemFixture, _ text: String, _ other: String) -> String {
        system.yaml.replacing(text, with: other)
    }

    @Test("what the daemon cannot start with has its exit code and its sentence", arguments: rows)
    func row(_ row: Row) async throws {
        try await SystemFixture.with { system in
            system.directory.write(row.spoil(system), to: "kusto-spool.yaml")
            let result = try await system.command("run", asNobody: row.asNobody)
            #expect(result.status == row.status, "\(result.errors)")
            #expect(!result.errors.contains("emulator-token"), "a secret in the wrong place is not repeated")
            for text in row.says { #expect(result.errors.contains(text), "\(result.errors)") }
            let allowed: Set<String> = ["token", "secret", "kusto-spool.yaml"]
            #expect(try SecretSearch.findings(in: system.directory, allowed: allowed) == [])
        }
    }

    @Test("a second daemon is refused with the process of the first, on the state and on the spool")
    func locked() async throws {
        try await SystemFixture.with { system in
            _ = try await system.runningProgram { program, pool in
                system.drop("a,1\n", as: "x.csv")
                _ = try await JournalEvents.wait(for: "a verdict", in: system.journalPath, on: pool) { !$0.verdicts.isEmpty }
                let second = try await system.command("run")
                #expect(second.status == 75)
                #expect(second.errors.contains("/state/lock") && second.errors.contains("process \(program.pid)"), "\(second.errors)")
                system.directory.makeDirectory("state2")
                system.directory.write(
                    system.yaml.replacing(system.directory.path("state"), with: system.directory.path("state2")), to: "2.yaml")
                let third = try await Program.run(["run", "-c", system.directory.path("2.yaml")], in: system.directory)
                #expect(third.status == 75)
                #expect(third.errors.contains("/spool") && third.errors.contains("process \(program.pid)"), "\(third.errors)")
            }
        }
    }
}
