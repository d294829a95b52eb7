import IngestionModel
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// Rows that the ledger's thread remembers are what is on disk, and a query can go on where the last one ended.
@Suite struct RowMemoryTests {
    @Test("rows are read on from where the last query ended, whichever share an instant, and new ones come behind")
    func readOn() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let first = try await ledger.claim((0..<10).map { "a\($0)" }, spool)
                var seen: [Int64] = []
                var place: Ledger.Place?
                while true {
                    let rows = try await ledger.rows(.fresh, spool: spool, after: place, limit: 3)
                    guard let last = rows.last else { break }
                    seen += rows.map(\.id.row)
                    place = Ledger.Place(last)
                }
                #expect(seen == first)
                let second = try await ledger.claim(["b0", "b1"], spool)
                #expect(try await ledger.rows(.fresh, spool: spool, after: place, limit: 10).map(\.id.row) == second)
            }
        }
    }

    @Test("what an aborted transaction would have made of a row is forgotten with it")
    func aborted() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await ledger.claim(["a"], spool)[0]
                try await ledger.apply([.posting], to: row)
                try await ledger.limitPages(to: 1)
                ledger.stopWaitingForRoom()
                var event = JournalEvent(.foreign, at: LedgerFixture.at)
                event.notification = String(repeating: "x", count: 1 << 20)
                let accepted = SourceChange(row: row, .postAccepted, at: LedgerFixture.at, deadline: LedgerFixture.at + .seconds(60))
                var failure: LedgerError?
                do throws(LedgerError) {
                    _ = try await ledger.commit([.source(accepted), .record(event)])
                } catch { failure = error }
                #expect(failure?.reason == .full)
                #expect(try await ledger.row(row)?.progress.state == .posting)
                #expect(ledger.figures.count(.posting, of: spool) == 1 && ledger.figures.count(.awaitingVerdict, of: spool) == 0)
            }
        }
    }

    @Test("properties and a container that an aborted transaction was the first to name are named anew by the next one")
    func abortedNames() async throws {
        try await LedgerFixture.with { fixture in
            let first = try await fixture.open { ledger, spool in
                let rows = try await ledger.claim(["a", "b", "c"], spool)
                try await ledger.limitPages(to: 1)
                ledger.stopWaitingForRoom()
                var event = JournalEvent(.foreign, at: LedgerFixture.at)
                event.notification = String(repeating: "x", count: 1 << 20)
                // Two of them: the second finds what the first has made.
                let postings = rows.prefix(2).map { LedgerChange.source(LedgerFixture.change($0, .posting)) }
                let failure = await #expect(throws: LedgerError.self) { try await ledger.commit(postings + [.record(event)]) }
                #expect(failure?.reason == .full)
                try await ledger.limitPages(to: 1 << 20)
                for row in rows { try await ledger.apply([.posting], to: row) }
                return rows
            }
            try await fixture.open { ledger, _ in
                for row in first {
                    let found = try #require(try await ledger.row(row))
                    #expect(found.properties == LedgerFixture.properties && found.blob == LedgerFixture.blob())
                }
            }
        }
    }

    @Test("however many rows come between, each is read as it was written, by memory and from disk")
    func many() async throws {
        try await LedgerFixture.with { fixture in
            var expected: [Int64: SourceState] = [:]
            try await fixture.open { ledger, spool in
                let rows = try await ledger.claim((0..<10_000).map { "f\($0)" }, spool)
                for (index, row) in rows.enumerated() where index % 97 == 0 { try await ledger.apply([.posting, .postAccepted], to: row) }
                for (index, row) in rows.enumerated() where index % 13 == 0 {
                    expected[row] = index % 97 == 0 ? .queued : .claimed
                    #expect(try await ledger.row(row)?.progress.state == expected[row])
                }
            }
            try await fixture.open { ledger, _ in
                for (row, state) in expected {
                    let found = try await ledger.row(row)?.progress.state
                    #expect(found == state)
                }
            }
        }
    }
}
