import GRDB
import IngestionModel
import KustoWire
import Ledger
import SpoolPrimitives
import Testing

/// Sources that carry several files: how files come together, go on, and leave (protocol.md §2 to §5).
@Suite struct CoalescedTests {
    private static let data = FailureReport(errorCode: "Stream_WrongNumberOfFields", failureStatus: .permanent, details: "ragged")
    private static let retry = FailureReport(errorCode: "Download_Forbidden", failureStatus: .permanent)

    private static func whole(_ names: [String]) -> [LedgerFile] {
        names.enumerated().map { index, name in
            LedgerFile(
                claim: "c-1", directory: "d", name: name, size: Int64(10 + index), modified: -5, changed: 7, inode: .max - UInt64(index))
        }
    }

    /// Claims a whole of these files; its row.
    private static func claim(_ names: [String], _ ledger: Ledger, _ spool: SpoolKey) async throws -> Int64 {
        let batch = ClaimedBatch(spool: spool, files: [], wholes: [whole(names)], at: LedgerFixture.at)
        guard case .claimed(let ids) = try await ledger.commit(.claimed(batch)), let id = ids.first, ids.count == 1 else {
            throw TestError()
        }
        return id.row
    }

    private static func separate(_ row: Int64, _ indices: [Int], isDecided: Bool = false, _ ledger: Ledger) async throws -> LedgerOutcome {
        let separations = indices.map { Separation(index: $0, code: "open_quote", reason: "why \($0)") }
        return try await ledger.commit(
            .source(SourceChange(row: row, .separated(isDecided: isDecided), at: LedgerFixture.at, separations: separations)))
    }

    private struct TestError: Error {}

    /// Every event as `event file source→successor verdict`, sources by their rows.
    private static func events(_ ledger: Ledger) async throws -> [String] {
        let lines = try await ledger.outbox(limit: .mebibytes(8)).flatMap(\.lines).split(separator: UInt8(ascii: "\n"))
        return try lines.map { line in
            let event = try JSONValue(parsing: Array(line))
            func row(_ key: String) -> String { event[key]?.text.flatMap { SourceID($0) }.map { "\($0.row)" } ?? "" }
            let successor = row("successor").isEmpty ? "" : "→\(row("successor"))"
            let verdict = event["verdict"]?.text.map { " \($0)" } ?? ""
            return "\(event["event"]?.text ?? "") \(event["file"]?.text ?? "") \(row("source"))\(successor)\(verdict)"
        }
    }

    @Test("a whole is one row with a manifest of its files as they were claimed, and each of them is accepted")
    func claimed() async throws {
        try await LedgerFixture.with { fixture in
            let names = ["a.csv", "é \\x0a.csv", "c"]
            try await fixture.open { ledger, spool in
                let row = try await Self.claim(names, ledger, spool)
                let stored = try #require(try await ledger.row(row))
                #expect(stored.members == 3 && stored.file.size == 33 && stored.file.name.isEmpty && stored.file.directory == "d")
                #expect(stored.progress == SourceProgress(isCoalesced: true))
                #expect(try await Self.events(ledger) == names.map { "accepted d/\($0) 1" })
            }
            try await fixture.open { ledger, spool in
                let stored = try #require(try await ledger.row(1))
                #expect(stored.members == 3 && stored.progress.isCoalesced)
                #expect(try await ledger.manifest(of: stored).segments == Self.whole(names).map { Segment($0) })
                #expect(ledger.figures.count(.fresh, of: spool) == 3, "files are counted, not sources")
                #expect(try await ledger.activeCounts(spool: spool) == ["c-1": 3])
                #expect(try await ledger.knownNames(claim: "c-1", spool: spool) == Set(names))
            }
        }
    }

    @Test("its verdict is each file's, and where it is disposed of to is told of all, but for those with a place of their own")
    func verdict() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await Self.claim(["a", "b"], ledger, spool)
                try await ledger.apply([.posting, .postAccepted, .notifiedSuccess], to: row)
                #expect(try await Self.events(ledger).suffix(4) == ["queued d/a 1", "queued d/b 1", "succeeded d/a 1", "succeeded d/b 1"])
                #expect(ledger.figures.count(.disposal, of: spool) == 2)
                _ = try await ledger.commit(
                    .disposed(row: row, .done(path: "done/2026-01-02"), paths: [1: "done/2026-01-02/d/b.~2~"], at: LedgerFixture.at))
                #expect(ledger.figures.total.values.allSatisfy { $0 == 0 })
                let reader = try LedgerReader(path: fixture.path)
                #expect(try reader.find(file: "a").map(\.source.location) == [.done(path: "done/2026-01-02/d/a")])
                #expect(try reader.find(file: "d/b").map(\.source.location) == [.done(path: "done/2026-01-02/d/b.~2~")])
                #expect(try reader.find(file: "/spool/done/2026-01-02/d/b.~2~").map(\.source.file.name) == ["b"])
                #expect(try reader.find(file: "elsewhere/b").isEmpty && reader.find(file: "x").isEmpty)
                #expect(try reader.verdicts().map(\.count) == [2])
                _ = try await ledger.commit(.forget(before: LedgerFixture.at + .seconds(30 * 86_400), limit: 10))
                let left = try fixture.database { try Int.fetchOne($0, sql: "SELECT count(*) FROM segments") }
                #expect(left == 0, "what is forgotten leaves no manifest behind")
            }
        }
    }

    @Test("a failure of the data sends every file again alone, once, in the commit that records it")
    func split() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await Self.claim(["a", "b", "c"], ledger, spool)
                try await ledger.apply([.posting, .postAccepted], to: row)
                let commits = ledger.commitCount
                try await ledger.apply([.notifiedFailure(Self.data)], to: row)
                #expect(ledger.commitCount == commits + 1)
                #expect(try await Self.events(ledger).suffix(3) == ["superseded d/a 1→2", "superseded d/b 1→3", "superseded d/c 1→4"])
                let rows = try await ledger.rows(.fresh, spool: spool, limit: 10)
                #expect(rows.map(\.file) == Self.whole(["a", "b", "c"]) && rows.allSatisfy { $0.members == nil && $0.supersedes == row })
                #expect(ledger.figures.count(.fresh, of: spool) == 3 && ledger.figures.count(.awaitingVerdict, of: spool) == 0)
                #expect(try await ledger.activeCounts(spool: spool) == ["c-1": 3], "each file has one owner")
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(Self.data)], to: 3)
                #expect(try await ledger.row(3)?.progress.state == .settled(.failed), "alone it is not split again")
            }
        }
    }

    @Test("a failure of another kind sends them again together, and a final one that blames no record is the verdict of all")
    func together() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await Self.claim(["a", "b"], ledger, spool)
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(Self.retry)], to: row)
                let next = try #require(try await ledger.row(row + 1))
                #expect(next.members == 2 && next.progress.isCoalesced && next.supersedes == row)
                #expect(try await ledger.manifest(of: next).present.map(\.segment.file.name) == ["a", "b"])
                #expect(try await Self.events(ledger).suffix(2) == ["superseded d/a 1→2", "superseded d/b 1→2"])
                let large = FailureReport(errorCode: "BadRequest_FileTooLarge", failureStatus: .permanent)
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(large)], to: row + 1)
                #expect(try await Self.events(ledger).suffix(2) == ["failed d/a 2", "failed d/b 2"])
            }
        }
    }

    @Test("a file that leaves before the post has a row of its own, and the whole goes on without it")
    func separated() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await Self.claim(["a", "b", "c"], ledger, spool)
                _ = try await Self.separate(row, [1], ledger)
                #expect(try await Self.events(ledger).last == "separated d/b 1→2")
                let whole = try #require(try await ledger.row(row))
                #expect(whole.members == 2 && whole.file.size == 22 && whole.progress.state == .claimed)
                #expect(try await ledger.manifest(of: whole).segments[1].departure == .before(row: 2))
                #expect(ledger.figures.count(.fresh, of: spool) == 3)
                _ = try await Self.separate(row, [1], ledger)
                #expect(try await ledger.row(3) == nil, "it leaves once")
                try await ledger.apply([.posting, .postAccepted, .notifiedSuccess], to: row)
                #expect(try await Self.events(ledger).suffix(2) == ["succeeded d/a 1", "succeeded d/c 1"])
                #expect(try await ledger.row(2)?.progress.state == .claimed, "the whole's message did not have it")
                #expect(try await Self.separate(row + 1, [0], ledger).isRefused, "a source of one file has nothing to separate")
            }
        }
    }

    @Test(
        "none may leave while a message of the whole may be out",
        arguments: [[.posting], [.posting, .postAccepted], [.posting, .postInDoubt(repostAt: LedgerFixture.at)]] as [[SourceEvent]])
    func noneLeaves(_ events: [SourceEvent]) async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await Self.claim(["a", "b"], ledger, spool)
                try await ledger.apply(events, to: row)
                #expect(try await Self.separate(row, [0], ledger).isRefused)
                #expect(try await ledger.row(row)?.members == 2)
                #expect(try await ledger.row(row + 1) == nil)
            }
        }
    }

    @Test("a whole that all have left is nobody's any more: before the post it is superseded, after its verdict it is remembered")
    func allLeave() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let early = try await Self.claim(["a", "b"], ledger, spool)
                _ = try await Self.separate(early, [0, 1], ledger)
                #expect(try await ledger.row(early)?.progress.state == .superseded(by: 2))
                #expect(ledger.figures.count(.fresh, of: spool) == 2)
                let late = try await Self.claim(["c"], ledger, spool)
                try await ledger.apply([.posting, .postAccepted, .notifiedSuccess], to: late)
                _ = try await Self.separate(late, [0], isDecided: true, ledger)
                #expect(try await ledger.row(late)?.work == .remembered)
                let own = try #require(try await ledger.row(late + 1))
                #expect(own.progress.state == .settled(.succeeded) && own.work == .disposal && own.location == .active)
                #expect(try await Self.events(ledger).last == "separated d/c 4→5 succeeded")
                #expect(ledger.figures.count(.disposal, of: spool) == 1)
            }
        }
    }

    @Test("a late success of a split whole settles the files that it had, and not those that had left before")
    func lateSuccess() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await Self.claim(["a", "b", "c"], ledger, spool)
                _ = try await Self.separate(row, [0], ledger)
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(Self.data)], to: row)
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(Self.data)], to: 3)
                try await ledger.apply([.notifiedSuccess], to: row)
                #expect(try await ledger.row(2)?.progress.state == .claimed)
                #expect(try await ledger.row(3)?.progress.state == .settled(.succeeded), "failed, and corrected")
                #expect(try await ledger.row(4)?.progress.state == .settled(.succeeded))
            }
        }
    }

    @Test("a late success of a predecessor settles its successor and what has left that since")
    func latePredecessor() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await Self.claim(["a", "b", "c"], ledger, spool)
                _ = try await Self.separate(row, [0], ledger)
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(Self.retry)], to: row)
                // Row 3 is the successor of row 1, and row 4 is what leaves it; row 2 had left the first.
                _ = try await Self.separate(3, [0], ledger)
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(Self.retry)], to: 3)
                try await ledger.apply([.notifiedSuccess], to: 1)
                #expect(try await ledger.row(2)?.progress.state == .claimed)
                #expect(try await ledger.row(4)?.progress.state == .settled(.succeeded))
                #expect(try await ledger.row(5)?.progress.state == .settled(.succeeded))
                #expect(try await Self.events(ledger).suffix(2).sorted() == ["succeeded d/b 4", "succeeded d/c 5"])
            }
        }
    }

    @Test("a failed whole that turns out to have succeeded corrects what had left it with its verdict")
    func corrected() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await Self.claim(["a", "b"], ledger, spool)
                let final = FailureReport(errorCode: "Download_AccessConditionNotSatisfied", failureStatus: .permanent)
                try await ledger.apply([.posting, .postAccepted, .notifiedFailure(final)], to: row)
                _ = try await Self.separate(row, [1], isDecided: true, ledger)
                try await ledger.apply([.notifiedSuccess], to: row)
                #expect(try await ledger.row(row + 1)?.progress.state == .settled(.succeeded))
                #expect(try await Self.events(ledger).suffix(2) == ["corrected d/a 1 succeeded", "corrected d/b 2 succeeded"])
            }
        }
    }

    @Test("a presumed whole that turns out to have failed fails what had left it with its verdict, and a claim's time goes along")
    func failedLate() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let row = try await Self.claim(["a", "b"], ledger, spool)
                try await ledger.apply([.posting, .postAccepted, .deadlinePassed(reportsSuccesses: false)], to: row)
                let later = LedgerFixture.at + .seconds(3600)
                let separations = [Separation(index: 1, code: "changed", reason: "why")]
                _ = try await ledger.commit(
                    .source(SourceChange(row: row, .separated(isDecided: true), at: later, separations: separations)))
                #expect(try await ledger.row(row)?.decidedAt == LedgerFixture.at, "it was decided before")
                #expect(try await ledger.earliestClaim(.disposal, spool: spool) == LedgerFixture.at, "retention goes by the claim")
                let final = FailureReport(errorCode: "Stream_WrongNumberOfFields", failureStatus: .permanent)
                try await ledger.apply([.notifiedFailure(final)], to: row)
                #expect(try await Self.events(ledger).suffix(2) == ["corrected d/a 1 failed", "corrected d/b 2 failed"])
                let refused = try await Self.separate(row, [0], ledger)
                #expect(refused.isRefused, "what is meant for an unposted whole is not done to a decided one")
            }
        }
    }

    @Test("a manifest that is gone or damaged is said so, and nothing is done to the whole")
    func damaged() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in _ = try await Self.claim(["a", "b"], ledger, spool) }
            for damage in ["UPDATE segments SET manifest = x'6162'", "DELETE FROM segments"] {
                try fixture.database { try $0.execute(sql: damage) }
                try await fixture.open { ledger, _ in
                    let row = try #require(try await ledger.row(1))
                    let error = await #expect(throws: LedgerError.self) { try await ledger.manifest(of: row) }
                    #expect(error?.reason == .unusable)
                    await #expect(throws: LedgerError.self) { try await ledger.apply([.held(.unreadable)], to: 1) }
                    #expect(try await ledger.row(1)?.progress.state == .claimed)
                }
            }
        }
    }
}
