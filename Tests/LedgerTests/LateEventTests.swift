import IngestionModel
import KustoWire
import Ledger
import SpoolPrimitives
import Testing

/// What comes late may better a verdict, and never changes what the row says of the blob, the file and the reason (protocol.md §2, §4, §5).
@Suite struct LateEventTests {
    private static let final = FailureReport(errorCode: "Stream_WrongNumberOfFields", failureStatus: .permanent, details: "first")
    private static let other = FailureReport(errorCode: "BadRequest_InvalidBlob", failureStatus: .permanent, details: "another")
    private static let retry = FailureReport(errorCode: "Download_Forbidden", failureStatus: .permanent, details: "expired")
    private static let noted = FailureReport(errorCode: "Timeout", failureStatus: .transient, details: "later")
    private static let soon = LedgerFixture.at + .seconds(5)

    /// Ways to a row that has been posted, by name.
    static let ways: [(name: String, events: [SourceEvent])] = [
        ("queued", [.posting, .postAccepted]),
        ("ambiguous", [.posting, .postInDoubt(repostAt: soon)]),
        ("refused", [.posting, .postRefused(retryAt: soon)]),
        ("succeeded", [.posting, .postAccepted, .notifiedSuccess]),
        ("failed", [.posting, .postAccepted, .notifiedFailure(final)]),
        ("failed before the reply", [.posting, .notifiedFailure(final)]),
        ("presumed", [.posting, .postAccepted, .deadlinePassed(reportsSuccesses: false)]),
        ("unconfirmed", [.posting, .postAccepted, .deadlinePassed(reportsSuccesses: true)]),
        ("superseded", [.posting, .postAccepted, .notifiedFailure(retry)]),
        ("held", [.posting, .postRefused(retryAt: soon), .held(.unreadable)]),
    ]

    /// What may come late: a second reply to Put Message, a second notification, the deadline, an attempt that was under way.
    static let late: [SourceEvent] = [
        .postAccepted, .postRefused(retryAt: soon), .postInDoubt(repostAt: soon), .interrupted(repostAt: soon), .notifiedSuccess,
        .notifiedFailure(final), .notifiedFailure(other), .notifiedFailure(retry), .notifiedFailure(noted),
        .deadlinePassed(reportsSuccesses: true), .deadlinePassed(reportsSuccesses: false), .predecessorSucceeded, .held(.route),
        .skipped(.empty), .deferred(until: soon),
    ]

    @Test(
        "no late event changes the blob, the sizes, the MD5, the properties or the file of a source that was posted",
        arguments: ways.indices)
    func frozen(_ index: Int) async throws {
        let (name, events) = Self.ways[index]
        var taken = 0
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                for event in Self.late {
                    let row = try await ledger.claim(["a"], spool)[0]
                    try await ledger.apply(events, to: row)
                    let before = try #require(try await ledger.row(row))
                    #expect(before.blob == LedgerFixture.blob() && before.properties == LedgerFixture.properties)
                    var change = SourceChange(row: row, event, at: LedgerFixture.at + .seconds(100))
                    change.properties = IngestionProperties(database: "D2", table: "T2", format: .json)
                    let outcome = try await ledger.commit(.source(change))
                    if !outcome.isRefused { taken += 1 }
                    let after = try #require(try await ledger.row(row))
                    #expect(after.blob == before.blob && after.properties == before.properties, "\(name) \(event)")
                    #expect(after.file == before.file && after.location == before.location, "\(name) \(event)")
                    #expect(after.claimedAt == before.claimedAt && after.supersedes == before.supersedes, "\(name) \(event)")
                }
            }
        }
        #expect(taken > 0)
    }

    @Test("a late event that does not change the verdict changes neither its reason nor its time", arguments: ways.indices)
    func reasons(_ index: Int) async throws {
        let (name, events) = Self.ways[index]
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                for event in Self.late {
                    let row = try await ledger.claim(["a"], spool)[0]
                    try await ledger.apply(events, to: row)
                    let before = try #require(try await ledger.row(row))
                    guard before.progress.state.isDecided else { continue }
                    let change = SourceChange(
                        row: row, event, at: LedgerFixture.at + .seconds(100), deadline: LedgerFixture.at + .seconds(500), code: nil,
                        reason: nil)
                    _ = try await ledger.commit(.source(change))
                    let after = try #require(try await ledger.row(row))
                    guard after.progress == before.progress else { continue }
                    #expect(after.code == before.code && after.reason == before.reason, "\(name) \(event)")
                    #expect(after.decidedAt == before.decidedAt, "\(name) \(event)")
                    #expect(after.work == before.work && after.due == before.due, "\(name) \(event)")
                }
            }
        }
    }
}
