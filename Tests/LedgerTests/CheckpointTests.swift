import GRDB
import Glibc
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// protocol.md §7: checkpoints of the write-ahead log are driven by the writer.
@Suite struct CheckpointTests {
    @Test("SQLite checkpoints nothing by itself, and the log is carried over all the same")
    func bounded() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                #expect(try await ledger.durability().autocheckpoint == 0)
                var longest: Int64 = 0
                for batch in 0..<400 {
                    _ = try await ledger.claim((0..<20).map { "f\(batch)-\($0)" }, spool)
                    longest = max(longest, fixture.size("ledger.sqlite-wal"))
                }
                #expect(longest > 2 << 20, "the log never grew to where it is carried over: \(longest) bytes")
                #expect(longest < 6 << 20, "the log was not carried over: \(longest) bytes")
                #expect(fixture.size("ledger.sqlite") > 1 << 20)
            }
        }
    }

    @Test("a reader that stays keeps no commit waiting, and what it held up is carried over when it has gone")
    func heldUp() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                _ = try await ledger.claim(["first"], spool)
                var configuration = Configuration()
                configuration.allowsUnsafeTransactions = true
                let reader = try DatabaseQueue(path: fixture.path, configuration: configuration)
                try reader.inDatabase { db in
                    try db.execute(sql: "BEGIN")
                    _ = try Row.fetchAll(db, sql: "SELECT row FROM sources")
                }
                for batch in 0..<300 { _ = try await ledger.claim((0..<20).map { "f\(batch)-\($0)" }, spool) }
                let held = fixture.size("ledger.sqlite")
                try reader.inDatabase { try $0.execute(sql: "COMMIT") }
                for batch in 0..<300 { _ = try await ledger.claim((0..<20).map { "g\(batch)-\($0)" }, spool) }
                #expect(held < 1 << 20 && fixture.size("ledger.sqlite") > 1 << 20)
                #expect(try await ledger.counts()[.fresh] == 12_001)
            }
        }
    }
}

extension LedgerFixture {
    func size(_ name: String) -> Int64 {
        var status = stat()
        return stat(directory.path(name), &status) == 0 ? Int64(status.st_size) : 0
    }
}
