import GRDB
import IngestionModel
import KustoWire
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// What the ledger knows of entities in status tables, and of when reports were read (protocol.md §5).
@Suite struct StatusTests {
    private static let table = "https://account1.example/statuses"
    private static let other = "https://account2.example/statuses"

    private static func post(
        _ row: Int64, into table: String?, method: ReportMethod = .table, _ ledger: Ledger, deadline: Duration = .seconds(60)
    ) async throws {
        var change = LedgerFixture.change(row, .posting)
        change.statusTable = table
        change.properties?.reportMethod = method
        _ = try await ledger.commit(.source(change))
        var accepted = LedgerFixture.change(row, .postAccepted)
        accepted.deadline = LedgerFixture.at + deadline
        _ = try await ledger.commit(.source(accepted))
    }

    @Test("a ledger of version 1 gets the new column at its first opening, and keeps what is in it")
    func upgrade() async throws {
        try await LedgerFixture.with { fixture in
            let row = try await fixture.open { ledger, spool in
                let row = try await ledger.claim(["a"], spool)[0]
                try await ledger.apply([.posting, .postAccepted], to: row)
                return row
            }
            try fixture.database { db in
                try db.execute(sql: "DROP INDEX sources_by_status_table")
                try db.execute(sql: "ALTER TABLE sources DROP COLUMN status_table")
                try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = '2'")
            }
            // The commands of the new version look at it before its daemon was started.
            #expect(try LedgerReader(path: fixture.path).find(row: row)?.source.statusTable == nil)
            try await fixture.open { ledger, spool in
                #expect(try await ledger.row(row)?.progress.state == .queued)
                #expect(try await ledger.statusRanges().isEmpty)
                let new = try await ledger.claim(["b"], spool)[0]
                try await Self.post(new, into: Self.table, ledger)
                #expect(try await ledger.row(new)?.statusTable == Self.table)
            }
        }
    }

    @Test("each table's entities are told from the first row to the last, until they are removed, over a restart too")
    func ranges() async throws {
        try await LedgerFixture.with { fixture in
            let rows = try await fixture.open { ledger, spool in
                let rows = try await ledger.claim((0..<6).map { "f\($0)" }, spool)
                for index in [1, 3, 4] { try await Self.post(rows[index], into: Self.table, ledger) }
                try await Self.post(rows[5], into: Self.other, ledger)
                try await Self.post(rows[0], into: nil, method: .queue, ledger)
                return rows
            }
            try await fixture.open { ledger, _ in
                let ranges = try await ledger.statusRanges()
                #expect(Set(ranges.map(\.table)) == [Self.table, Self.other])
                #expect(ranges.first { $0.table == Self.table }?.rows == rows[1]...rows[4])
                // A verdict alone does not end it: the entity is still there.
                try await ledger.apply([.notifiedSuccess], to: rows[1])
                #expect(try await ledger.statusRanges().first { $0.table == Self.table }?.rows == rows[1]...rows[4])
                _ = try await ledger.commit([.statusRemoved(row: rows[1]), .statusRemoved(row: rows[5])])
                let left = try await ledger.statusRanges()
                #expect(left.map(\.table) == [Self.table] && left.map(\.rows) == [rows[3]...rows[4]])
                let found = try await ledger.rows(numbered: [rows[1], rows[3], 4711])
                #expect(found.keys.sorted() == [rows[1], rows[3]])
                #expect(found[rows[1]]?.statusTable == nil && found[rows[3]]?.statusTable == Self.table)
            }
        }
    }

    @Test("rows are told apart by how they are reported, and one that no message of this ledger is about counts as reported by queue")
    func methods() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let rows = try await ledger.claim(["queue", "table", "both"], spool)
                try await Self.post(rows[0], into: nil, method: .queue, ledger)
                try await Self.post(rows[1], into: Self.table, method: .table, ledger)
                try await Self.post(rows[2], into: Self.table, method: .queueAndTable, ledger)
                func names(_ methods: Set<ReportMethod>?) async throws -> [String] {
                    try await ledger.rows(.awaitingVerdict, spool: spool, reporting: methods, limit: 10).map(\.file.name)
                }
                #expect(try await names([.queue]) == ["queue"])
                #expect(try await names([.table]) == ["table"])
                #expect(try await names([.queueAndTable]) == ["both"])
                #expect(try await names(nil) == ["queue", "table", "both"])
                let adopted = ClaimedBatch(
                    spool: spool, files: [LedgerFixture.file("adopted")], at: LedgerFixture.at, adoptedRepostAt: LedgerFixture.at)
                _ = try await ledger.commit(.claimed(adopted))
                let ambiguous = try await ledger.rows(.ambiguous, spool: spool, reporting: [.queue], limit: 10)
                #expect(ambiguous.map(\.file.name) == ["adopted"])
                #expect(try await ledger.rows(.ambiguous, spool: spool, reporting: [.table], limit: 10).isEmpty)
            }
        }
    }

    @Test("the queues matter while a source that reports by them may still get a verdict")
    func awaitsQueues() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let now = LedgerFixture.at
                let rows = try await ledger.claim(["queue", "table"], spool)
                #expect(try await !ledger.awaitsQueueReports(at: now), "nothing was posted")
                try await Self.post(rows[1], into: Self.table, method: .table, ledger)
                #expect(try await !ledger.awaitsQueueReports(at: now))
                try await Self.post(rows[0], into: nil, method: .queue, ledger)
                #expect(try await ledger.awaitsQueueReports(at: now))
                try await ledger.apply([.deadlinePassed(reportsSuccesses: true)], to: rows[0])
                #expect(try await ledger.awaitsQueueReports(at: now + .seconds(6 * 86_400)), "a late notification may come")
                #expect(try await !ledger.awaitsQueueReports(at: now + .seconds(8 * 86_400)), "a queue message lives seven days")
                try await ledger.apply([.notifiedSuccess], to: rows[0])
                #expect(try await !ledger.awaitsQueueReports(at: now))
            }
        }
    }

    @Test("deadlines are put off by the time in which nobody read the reports, of that channel alone, and over a restart")
    func gap() async throws {
        try await LedgerFixture.with { fixture in
            let at = LedgerFixture.at
            let rows = try await fixture.open { ledger, spool in
                let rows = try await ledger.claim(["queue", "table", "both"], spool)
                try await Self.post(rows[0], into: nil, method: .queue, ledger)
                try await Self.post(rows[1], into: Self.table, method: .table, ledger)
                try await Self.post(rows[2], into: Self.table, method: .queueAndTable, ledger)
                _ = try await ledger.commit([.reportsRead(.queues, began: at), .reportsRead(.tables, began: at)])
                // The ordinary pace puts nothing off.
                _ = try await ledger.commit(.reportsRead(.queues, began: at + .seconds(30)))
                for row in rows { #expect(try await ledger.row(row)?.due == at + .seconds(60)) }
                return rows
            }
            try await fixture.open { ledger, _ in
                let later = at + .seconds(30 + 2 * 86_400)
                _ = try await ledger.commit(.reportsRead(.queues, began: later))
                // Half of the route's minute had gone by while somebody listened.
                #expect(try await ledger.row(rows[0])?.due == later + .seconds(30))
                #expect(try await ledger.row(rows[1])?.due == at + .seconds(60), "its channel was not read yet")
                #expect(try await ledger.row(rows[2])?.due == at + .seconds(60), "it has the tables' word, whatever became of the queues")
                _ = try await ledger.commit(.reportsRead(.queues, began: later + .seconds(1)))
                #expect(try await ledger.row(rows[0])?.due == later + .seconds(30))
            }
        }
    }

    @Test("a deadline that has hardly begun is put off by no more than what it missed")
    func shortGap() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let at = LedgerFixture.at
                let row = try await ledger.claim(["queue"], spool)[0]
                try await Self.post(row, into: nil, method: .queue, ledger, deadline: .seconds(-3000))
                _ = try await ledger.commit([.reportsRead(.queues, began: at), .reportsRead(.queues, began: at + .seconds(1000))])
                #expect(try await ledger.row(row)?.due == at + .seconds(-2000))
            }
        }
    }
}
