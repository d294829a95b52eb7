import GRDB
import IngestionModel
import Ledger
import SpoolPrimitives
import Testing

/// The commands' view beside the running writer.
@Suite struct LedgerReaderTests {
    @Test("a reader sees every commit of the running writer, by name, path and number")
    func seesCommits() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let reader = try LedgerReader(path: fixture.path)
                #expect(try reader.find(file: "a").isEmpty)
                let rows = try await ledger.claim(["a", "b"], spool)
                #expect(try reader.find(file: "a").map(\.source.work) == [.fresh])
                try await ledger.apply([.posting, .notifiedSuccess], to: rows[0])
                #expect(try reader.find(row: rows[0])?.source.work == .disposal)
                _ = try await ledger.commit(.disposed(row: rows[0], .done(path: "done/2026-11-22/a"), at: LedgerFixture.at))
                let entry = try #require(try reader.find(file: "/spool/done/2026-11-22/a").first)
                #expect(entry.spool == "/spool" && entry.source.work == .remembered && entry.source.id.row == rows[0])
                try await ledger.apply([.held(.unreadable)], to: rows[1])
                #expect(try reader.waitingForOperator(limit: 9).map(\.source.id.row) == [rows[1]])
                #expect(try reader.verdicts().map(\.count) == [1])
                #expect(try reader.outboxCount() == 4)
                #expect(reader.identity.uuid == ledger.identity.uuid)
            }
        }
    }

    @Test("a request is seen by the running daemon, and gone when it is answered; one of a later version is no verb")
    func requests() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                _ = try await ledger.claim(["a"], spool)
                try LedgerReader(path: fixture.path).request(.retry, row: 1, at: LedgerFixture.at)
                try fixture.database { try $0.execute(sql: "INSERT INTO requests (row, verb, at) VALUES (1, 'dance', 0)") }
                let requests = try await ledger.requests()
                #expect(requests.map(\.verb) == [.retry, nil])
                for request in requests { _ = try await ledger.commit(.answered(request: request.number)) }
                #expect(try await ledger.requests().isEmpty)
            }
        }
    }
}
