import Ledger
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// `kusto-spool journal verify`, as an operator runs it.
@Suite struct JournalVerifyTests {
    private static let journal = TemporaryDirectory.relative("log/journal.ndjson")

    /// A system whose journal has the six lines of two files.
    private static func withJournal(_ body: (SystemFixture, [[UInt8]]) async throws -> Void) async throws {
        try await SystemFixture.with { system in
            for name in ["a.csv", "b.csv"] {
                _ = try await system.running { daemon in
                    system.drop("a,1\n", as: name)
                    return try await daemon.events("its verdict") { $0.verdict(of: name) != nil }
                }
            }
            let lines = (system.directory.read(journal) ?? []).split(separator: UInt8(ascii: "\n")).map { Array($0) + [UInt8(ascii: "\n")] }
            #expect(lines.count == 6)
            try await body(system, lines)
        }
    }

    @Test("a journal that has every event once is sound, in words and in JSON, with the daemon running or down")
    func sound() async throws {
        try await Self.withJournal { system, _ in
            _ = try await system.runningProgram { _, _ in
                let verified = try await system.command("journal", "verify")
                #expect(
                    verified.status == 0 && verified.output.hasSuffix("log/journal.ndjson: 6 lines in 1 file, seq 1 to 6: sound\n"),
                    "\(verified)")
            }
            let json = try await system.command("journal", "verify", "--json")
            let object = try JSONValue(parsing: Array(json.output.utf8))
            #expect(
                json.status == 0 && object["sound"] == .bool(true) && object["findings"]?.integer == 0 && object["lines"]?.integer == 6,
                "\(json.output)")
        }
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        var kind: String
        var line: Int
        var act: @Sendable ([[UInt8]]) -> [[UInt8]]
        var testDescription: String { kind }
    }

    static let damages: [Damage] = [
        Damage(kind: "missing", line: 3, act: { [$0[0], $0[1], $0[3], $0[4], $0[5]] }),
        Damage(kind: "out_of_order", line: 7, act: { $0 + [$0[2]] }),
        Damage(kind: "torn", line: 6, act: { $0.dropLast() + [$0[5].dropLast(5)] }),
        Damage(kind: "not_json", line: 2, act: { [$0[0], Array("hello\n".utf8)] + $0.dropFirst() }),
        Damage(kind: "no_seq", line: 7, act: { $0 + [Array("{}\n".utf8)] }),
        Damage(kind: "too_long", line: 7, act: { $0 + [[UInt8](repeating: 120, count: 2 << 20) + [10]] }),
        Damage(
            kind: "other_journal", line: 7,
            act: { $0 + [Array("{\"seq\":7,\"journal\":\"99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee\"}\n".utf8)] }),
    ]

    @Test("each flaw ends it with 65, its file, its line and what to do", arguments: damages)
    func flaws(_ damage: Damage) async throws {
        try await Self.withJournal { system, lines in
            system.directory.write(Array(damage.act(lines).joined()), to: Self.journal)
            let verified = try await system.command("journal", "verify")
            #expect(verified.status == 65)
            #expect(verified.output.contains("log/journal.ndjson:\(damage.line): "), "\(verified.output)")
            #expect(verified.output.contains(": 1 finding\n"), "\(verified.output)")
            let json = try await system.command("journal", "verify", "--json")
            #expect(json.status == 65)
            let problems = try JSONValue(parsing: Array(json.output.utf8))["problems"]?.elements ?? []
            #expect(
                problems.map { $0["kind"]?.text } == [damage.kind] && problems[0]["line"]?.integer == Int64(damage.line), "\(json.output)")
            #expect(problems.first?["advice"]?.text?.isEmpty == false)
        }
    }

    @Test("a journal of another ledger than the one in the state directory is named")
    func otherLedger() async throws {
        try await Self.withJournal { system, lines in
            let uuid = try LedgerReader(path: system.directory.path("state/ledger.sqlite")).identity.uuid
            let other = "99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee"
            let text = lines.map { String(decoding: $0, as: UTF8.self).replacing(uuid, with: other) }.joined()
            system.directory.write(Array(text.utf8), to: Self.journal)
            let verified = try await system.command("journal", "verify")
            #expect(verified.status == 65 && verified.output.contains("a line of the journal \(other)"), "\(verified.output)")
        }
    }

    @Test("without a journal it says so with 66")
    func none() async throws {
        try await SystemFixture.with { system in
            let verified = try await system.command("journal", "verify")
            #expect(verified.status == 66 && verified.errors.contains("there is no journal at"), "\(verified.errors)")
        }
    }
}
