import IngestionModel
import KustoWire
import Ledger
import SpoolPrimitives
import Testing

/// protocol.md §4: a failure that may be tried again mints a new source in the transaction that records it.
@Suite struct SupersedingTests {
    private static let retry = FailureReport(errorCode: "Download_Forbidden", failureStatus: .permanent, details: "expired")
    private static let configuration = FailureReport(errorCode: "BadRequest_TableNotExist", failureStatus: .permanent)

    @Test("the successor is a new row that owns the file, not posted, and the old one names it")
    func newRow() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await ledger.claim(["a"], spool)[0]
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(Self.retry)], to: row)
                let old = try #require(try await ledger.row(row))
                let new = try #require(try await ledger.row(row + 1))
                #expect(old.progress.state == .superseded(by: new.id.row))
                #expect(new.progress == SourceProgress() && new.supersedes == row && new.file == old.file)
                #expect(new.blob == nil && new.properties == nil, "configuration is resolved anew")
                #expect(try await ledger.activeCounts(spool: spool) == ["c-1": 1], "one file, one owner")
                #expect(try await ledger.rows(.fresh, spool: spool, limit: 10).map(\.id) == [new.id])
                let lines = String(decoding: try await ledger.outbox(limit: .mebibytes(1)).flatMap(\.lines), as: UTF8.self)
                #expect(lines.contains("\"event\":\"superseded\"") && lines.contains("\"successor\":\"\(new.id)\""))
            }
        }
    }

    @Test("an unconfirmed source that an operator sends again is superseded once: asked again, it is refused")
    func operatorRetry() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await ledger.claim(["a"], spool)[0]
                try await ledger.apply([.posting, .postAccepted, .deadlinePassed(reportsSuccesses: true), .operatorRetry], to: row)
                #expect(try await ledger.row(row)?.progress.state == .superseded(by: row + 1))
                #expect(try await ledger.apply([.operatorRetry], to: row).isRefused)
                #expect(try await ledger.row(row + 2) == nil, "a second successor would bring the rows twice")
                #expect(try await ledger.activeCounts(spool: spool) == ["c-1": 1], "one file, one owner")
            }
        }
    }

    @Test("a late success of the old source settles an unposted successor, over any number of generations")
    func informs() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await ledger.claim(["a"], spool)[0]
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(Self.retry)], to: row)
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(Self.retry)], to: row + 1)
                try await ledger.apply([.notifiedSuccess], to: row)
                #expect(try await ledger.row(row + 2)?.progress.state == .settled(.succeeded))
                #expect(
                    try await ledger.rows(.disposal, spool: spool, limit: 10).map(\.id.row) == [row + 2], "one file is disposed of once")
                let refused = try await ledger.apply([.posting], to: row + 2)
                #expect(refused.isRefused, "a stopped successor must not be posted")
            }
        }
    }

    @Test(
        "a late success says what was ingested: a file that its successor found changed is known to have, unless the successor itself succeeded",
        arguments: [false, true])
    func ingestedIdentity(successorSucceeds: Bool) async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await ledger.claim(["a"], spool)[0]
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(Self.retry)], to: row)
                let ingested = try #require(try await ledger.row(row)).file
                var grown = ingested
                grown.size += 100
                grown.modified += 1
                let now = Timestamp(seconds: 1_800_000_000)
                _ = try await ledger.commit(.source(SourceChange(row: row + 1, .deferred(until: now), at: now, file: grown)))
                #expect(try await ledger.row(row + 1)?.file == grown)
                if successorSucceeds { try await ledger.apply([.posting, .postAccepted, .notifiedSuccess], to: row + 1) }
                try await ledger.apply([.notifiedSuccess], to: row)
                let settled = try #require(try await ledger.row(row + 1))
                #expect(settled.progress.state == .settled(.succeeded))
                #expect(settled.file == (successorSucceeds ? grown : ingested))
            }
        }
    }

    @Test("a late success of the old source beside a posted successor is told as duplicated")
    func duplicated() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await ledger.claim(["a"], spool)[0]
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(Self.retry)], to: row)
                try await ledger.apply([.posting, .postAccepted], to: row + 1)
                try await ledger.apply([.notifiedSuccess], to: row)
                #expect(try await ledger.row(row + 1)?.progress.state == .settled(.succeeded))
                let lines = String(decoding: try await ledger.outbox(limit: .mebibytes(1)).flatMap(\.lines), as: UTF8.self)
                #expect(lines.contains("\"event\":\"duplicated\""))
            }
        }
    }

    @Test("a configuration's failure holds the successor")
    func holds() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await ledger.claim(["a"], spool)[0]
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(Self.configuration)], to: row)
                #expect(try await ledger.rows(.held, spool: spool, limit: 10).map(\.id.row) == [row + 1])
                #expect(try await ledger.row(row + 1)?.code == "BadRequest_TableNotExist")
            }
        }
    }

    @Test("a file that vanished is told once, whoever finds it gone, and its verdict looks for it no more")
    func vanishedOnce() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await ledger.claim(["a"], spool)[0]
                try await ledger.apply([.posting, .postInDoubt(repostAt: LedgerFixture.at), .held(.vanished)], to: row)
                _ = try await ledger.commit(.disposed(row: row, .vanished, at: LedgerFixture.at))
                try await ledger.apply([.notifiedSuccess], to: row)
                #expect(try await ledger.rows(.disposal, spool: spool, limit: 1).isEmpty)
                let lines = String(decoding: try await ledger.outbox(limit: .mebibytes(1)).flatMap(\.lines), as: UTF8.self)
                #expect(lines.split(separator: "\n").count { $0.contains("\"event\":\"vanished\"") } == 1)
            }
        }
    }
}
