import IngestionModel
import KustoWire
import Ledger
import SpoolPrimitives
import Testing

/// Every state of a source × every location of its file stands in the columns as it was.
@Suite struct RoundTripTests {
    private static let later = LedgerFixture.at + .seconds(77)
    private static let final = FailureReport(errorCode: "Stream_WrongNumberOfFields", failureStatus: .permanent, details: "why")
    private static let retry = FailureReport(errorCode: "Download_Forbidden", failureStatus: .permanent)

    /// Ways into every state.
    private static let ways: [[SourceEvent]] =
        [
            [], [.posting], [.posting, .postAccepted], [.posting, .postInDoubt(repostAt: later)], [.deferred(until: later)],
            [.posting, .postRefused(retryAt: later)], [.skipped(.empty)], [.posting, .notifiedSuccess],
            [.posting, .notifiedFailure(final)],
            [.posting, .postAccepted, .deadlinePassed(reportsSuccesses: false)],
            [.posting, .postAccepted, .deadlinePassed(reportsSuccesses: true)], [.posting, .notifiedFailure(retry)],
            [.posting, .postInDoubt(repostAt: later), .held(.sizeDiffers)],
        ]
        + HoldReason.allCases.flatMap { [[.held($0)], [.posting, .postRefused(retryAt: later), .held($0)]] }

    private static let locations: [FileLocation] = [
        .active, .done(path: "done/2026-11-22/a"), .failed(path: "failed/\u{e9} %41"), .deleted, .vanished,
    ]

    @Test("every state × location is read as it was written, before and after a reopen")
    func everything() async throws {
        try await LedgerFixture.with { fixture in
            var expected: [(row: Int64, progress: SourceProgress, location: FileLocation)] = []
            try await fixture.open { ledger, spool in
                for way in Self.ways {
                    for location in Self.locations {
                        let row = try await ledger.claim(["f"], spool)[0]
                        try await ledger.apply(way, to: row)
                        _ = try await ledger.commit(.disposed(row: row, location, at: LedgerFixture.at))
                        var progress = SourceProgress()
                        for event in way {
                            for case .supersede in try progress.apply(event) { progress.becomeSuperseded(by: row + 1) }
                        }
                        expected.append((row, progress, location))
                    }
                }
                try await Self.compare(ledger, expected)
            }
            #expect(Set(expected.map { "\($0.progress.state)" }).count == 12, "a state was not reached")
            try await fixture.open { ledger, _ in try await Self.compare(ledger, expected) }
        }
    }

    private static func compare(_ ledger: Ledger, _ expected: [(row: Int64, progress: SourceProgress, location: FileLocation)]) async throws
    {
        for (number, progress, location) in expected {
            let row = try #require(try await ledger.row(number))
            #expect(row.progress == progress && row.location == location)
            #expect(row.file == LedgerFixture.file("f"))
            #expect(row.id == SourceID(prefix: ledger.identity.prefix, row: number))
            #expect((row.blob == LedgerFixture.blob()) == (progress.posts > 0))
            #expect((row.properties == LedgerFixture.properties) == (progress.posts > 0))
        }
    }

    @Test("a zip's unknown raw size, a file in a subdirectory and one that changed before its post are kept as they are")
    func unusual() async throws {
        try await LedgerFixture.with { fixture in
            var file = LedgerFixture.file("x\\x80.zip")
            file.directory = "a/b"
            var blob = LedgerFixture.blob()
            blob.rawSize = nil
            blob.encoding = .zip
            var later = file
            later.size = 99
            later.changed = 5
            try await fixture.open { ledger, spool in
                _ = try await ledger.commit(.claimed(ClaimedBatch(spool: spool, files: [file], at: LedgerFixture.at)))
                let deferral = SourceChange(row: 1, .deferred(until: Self.later), at: LedgerFixture.at, file: later)
                _ = try await ledger.commit(.source(deferral))
                var change = LedgerFixture.change(1, .posting)
                change.blob = blob
                _ = try await ledger.commit(.source(change))
            }
            try await fixture.open { ledger, _ in
                let row = try #require(try await ledger.row(1))
                #expect(row.file == later && row.blob == blob && row.file.relativePath == "a/b/x\\x80.zip")
            }
        }
    }
}
