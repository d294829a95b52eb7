import IngestionModel
import Ledger
import SpoolPrimitives
import Testing

/// protocol.md §6: events leave in order, each once.
@Suite struct OutboxTests {
    @Test("the events of one commit are one row of the outbox, and go when the journal has them")
    func oneRowACommit() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                _ = try await ledger.claim(["a", "b", "c"], spool)
                try await ledger.apply([.skipped(.empty)], to: 1)
                // A commit without events makes no row.
                _ = try await ledger.commit(.lookAgain(row: 2, at: LedgerFixture.at))
                var outbox = try await ledger.outbox(limit: .mebibytes(1))
                #expect(outbox.map(\.firstSeq) == [1, 4] && outbox.map(\.lastSeq) == [3, 4])
                #expect(try await ledger.outbox(limit: ByteCount(Int64(1))).count == 1, "whole commits up to the limit")
                // The journal stopped in the midst of a commit: the whole stays.
                _ = try await ledger.commit(.drained(through: 2))
                #expect(try await ledger.outbox(limit: .mebibytes(1)).count == 2)
                _ = try await ledger.commit(.drained(through: 3))
                outbox = try await ledger.outbox(limit: .mebibytes(1))
                #expect(outbox.map(\.firstSeq) == [4])
                _ = try await ledger.commit(.drained(through: 4))
            }
            // An empty outbox does not begin to count anew.
            try await fixture.open { ledger, spool in
                _ = try await ledger.claim(["d"], spool)
                #expect(try await ledger.outbox(limit: .mebibytes(1)).map(\.firstSeq) == [5])
            }
        }
    }

    @Test(
        "what the journal has already is left out: whole commits, or the first lines of one",
        arguments: [(0, 5, "a\nb\nc\n"), (4, 5, "a\nb\nc\n"), (5, 6, "b\nc\n"), (6, 7, "c\n"), (7, nil, nil), (99, nil, nil)]
            as [(Int64, Int64?, String?)])
    func rest(seq: Int64, first: Int64?, lines: String?) {
        let entry = OutboxEntry(firstSeq: 5, lastSeq: 7, lines: Array("a\nb\nc\n".utf8))
        let rest = entry.rest(after: seq)
        #expect(rest?.firstSeq == first)
        #expect(rest?.lastSeq == first.map { _ in 7 })
        #expect(rest.map { String(decoding: $0.lines, as: UTF8.self) } == lines)
    }

    @Test("whoever waits for events is told after the commit that made them, and not for others")
    func told() async throws {
        try await LedgerFixture.with { fixture in
            let count = Lock(0)
            try await fixture.open(hasEvents: { count.withLock { $0 += 1 } }) { ledger, spool in
                _ = try await ledger.claim(["a"], spool)
                _ = try await ledger.commit(.lookAgain(row: 1, at: LedgerFixture.at))
                _ = try await ledger.counts()
            }
            #expect(count.withLock { $0 } == 1)
        }
    }
}
