import GRDB
import IngestionModel
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// Which files are ledgers.
@Suite struct SchemaTests {
    @Test("a ledger of this version opens with its identity, and counts its runs")
    func thisVersion() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, _ in #expect(ledger.identity.run == 1) }
            let versions = try fixture.database { try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations") }
            #expect(versions == ["1", "2", "3"])
            let ledger = try Ledger.open(path: fixture.path, makeIdentity: { ("99999999-2222-4333-8444-555555555555", 1) }, hasEvents: {})
            defer { ledger.close() }
            #expect(ledger.identity.uuid == LedgerFixture.uuid && ledger.identity.run == 2)
            #expect(ledger.identity.prefix == SourceID.Prefix(bits: 0xABCD))
        }
    }

    @Test("a ledger of a newer version is refused, says so, and is not changed")
    func newer() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { _, _ in }
            try fixture.database { try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99')") }
            let error = #expect(throws: LedgerError.self) { try Self.open(fixture) }
            #expect(error?.reason == .unusable)
            #expect(error?.detail.contains("newer kusto-spool") == true)
            let run = try fixture.database { try Int.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'run'") }
            #expect(run == 1)
        }
    }

    @Test("a file that is no database is refused with its path, and keeps its bytes")
    func noDatabase() async throws {
        try await LedgerFixture.with { fixture in
            let contents = String(repeating: "this is a text of somebody else's. ", count: 100)
            fixture.directory.write(contents, to: "ledger.sqlite")
            let error = #expect(throws: LedgerError.self) { try Self.open(fixture) }
            #expect(error?.reason == .unusable)
            #expect(error.map { "\($0)".contains(fixture.path) } == true)
            #expect(fixture.directory.read("ledger.sqlite") == Array(contents.utf8))
        }
    }

    @Test("rows of a claim are numbered for ever: a row that was forgotten gives its number to nobody")
    func neverReused() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await ledger.claim(["a"], spool)[0]
                try await ledger.apply([.skipped(.empty)], to: row)
                _ = try await ledger.commit(.disposed(row: row, .failed(path: "failed/a"), at: LedgerFixture.at))
                _ = try await ledger.commit(.forget(before: LedgerFixture.at + .seconds(7 * 86_400), limit: 10))
                #expect(try await ledger.row(row) != nil, "remembered longer than a queue message lives")
                _ = try await ledger.commit(.forget(before: LedgerFixture.at + .seconds(9 * 86_400), limit: 10))
                #expect(try await ledger.row(row) == nil)
            }
            try await fixture.open { ledger, spool in
                #expect(try await ledger.claim(["b"], spool) == [2])
                guard case .claimNumbers(let first) = try await ledger.commit(.takeClaimNumbers(count: 100)),
                    case .claimNumbers(let second) = try await ledger.commit(.takeClaimNumbers(count: 7)),
                    case .claimNumbers(let third) = try await ledger.commit(.takeClaimNumbers(count: 1))
                else { throw TestSupportError("no claim numbers were given") }
                #expect(second == first + 100 && third == second + 7)
            }
        }
    }

    private static func open(_ fixture: LedgerFixture) throws {
        try Ledger.open(path: fixture.path, makeIdentity: { (LedgerFixture.uuid, 1) }, hasEvents: {}).close()
    }
}
