import GRDB
import IngestionModel
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// What is on disk, and what stays there (protocol.md §3, §6).
@Suite struct DurabilityTests {
    @Test("the ledger's own connection flushes every commit: synchronous reads 2, the journal mode wal")
    func pragmas() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, _ in
                let durability = try await ledger.durability()
                #expect(durability.synchronous == 2)
                #expect(durability.journalMode == "wal")
            }
        }
    }

    @Test("what has been committed is there after a kill: a copy of the files as they lie, without a close")
    func survivesKill() async throws {
        try await LedgerFixture.with { fixture in
            try await LedgerFixture.with { copy in
                try await fixture.open { ledger, spool in
                    let rows = try await ledger.claim(["a", "b"], spool)
                    try await ledger.apply([.posting, .postAccepted], to: rows[0])
                    try await ledger.apply([.posting], to: rows[1])
                    // A killed process leaves just these two; the shared memory is made anew.
                    for name in ["ledger.sqlite", "ledger.sqlite-wal"] {
                        copy.directory.write(try #require(fixture.directory.read(name)), to: TemporaryDirectory.relative(name))
                    }
                }
                try await copy.open { ledger, _ in
                    let states = [try await ledger.row(1)?.progress.state, try await ledger.row(2)?.progress.state]
                    #expect(states == [.queued, .posting])
                    let outbox = try await ledger.outbox(limit: .mebibytes(1))
                    #expect(outbox.isGapless)
                    #expect(ledger.identity.uuid == LedgerFixture.uuid && ledger.identity.run == 2)
                }
            }
        }
    }

    @Test("event numbers have no gap over a transaction that failed, nor does anything of it come to light later")
    func abortedTransaction() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let rows = try await ledger.claim(["a", "b"], spool)
                try fixture.database {
                    try $0.execute(
                        sql:
                            "CREATE TRIGGER stop BEFORE UPDATE ON sources WHEN NEW.row = 2 BEGIN SELECT RAISE(ABORT, 'stopped by the test'); END"
                    )
                }
                let error = await #expect(throws: LedgerError.self) {
                    try await ledger.commit([
                        .source(LedgerFixture.change(rows[0], .skipped(.empty))), .source(LedgerFixture.change(rows[1], .skipped(.empty))),
                    ])
                }
                #expect(error?.detail.contains("stopped by the test") == true)
                #expect(try await ledger.row(1)?.progress.state == .claimed, "half of a transaction was stored")
                try fixture.database { try $0.execute(sql: "DROP TRIGGER stop") }
                try await ledger.apply([.skipped(.empty)], to: rows[1])
                let outbox = try await ledger.outbox(limit: .mebibytes(1))
                #expect(outbox.isGapless && outbox.last?.lastSeq == 3)
                #expect(outbox.lineCount == 3, "lines of the failed transaction came along with the next")
            }
            try await fixture.open { ledger, spool in
                _ = try await ledger.claim(["c"], spool)
                let outbox = try await ledger.outbox(limit: .mebibytes(1))
                #expect(outbox.isGapless && outbox.last?.lastSeq == 4)
            }
        }
    }
}

extension [OutboxEntry] {
    /// Numbers from 1 on, as many lines as numbers.
    var isGapless: Bool {
        var next: Int64 = 1
        for entry in self {
            guard entry.firstSeq == next, entry.lastSeq >= entry.firstSeq else { return false }
            guard entry.lines.count(where: { $0 == UInt8(ascii: "\n") }) == Int(entry.lastSeq - entry.firstSeq) + 1 else { return false }
            next = entry.lastSeq + 1
        }
        return true
    }

    var lineCount: Int { reduce(0) { $0 + $1.lines.count(where: { $0 == UInt8(ascii: "\n") }) } }
}
