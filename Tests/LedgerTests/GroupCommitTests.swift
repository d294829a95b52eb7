import IngestionModel
import Ledger
import SpoolPrimitives
import Testing

/// protocol.md §3: commits are group commits.
@Suite struct GroupCommitTests {
    @Test("many callers at one time share transactions, and each gets its own outcome")
    func manyCallers() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let rows = try await ledger.claim((0..<400).map { "f\($0)" }, spool)
                let before = ledger.commitCount
                let outcomes = try await withThrowingTaskGroup(of: (Int64, LedgerOutcome).self) { group in
                    for row in rows {
                        // Every fourth caller asks for what the state does not allow.
                        let event: SourceEvent = row % 4 == 0 ? .postAccepted : .posting
                        group.addTask { (row, try await ledger.commit(.source(LedgerFixture.change(row, event)))) }
                    }
                    return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                }
                #expect(outcomes.count == 400)
                for (row, outcome) in outcomes {
                    #expect(outcome.isRefused == (row % 4 == 0), "row \(row)")
                    #expect(try await ledger.row(row)?.progress.state == (row % 4 == 0 ? .claimed : .posting), "row \(row)")
                }
                #expect(ledger.commitCount - before < 400)
            }
        }
    }

    @Test("an illegal change of an array is refused with its event, and the others of the array are stored")
    func illegalInArray() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let rows = try await ledger.claim(["a", "b"], spool)
                let outcomes = try await ledger.commit([
                    .source(LedgerFixture.change(rows[0], .postAccepted)), .source(LedgerFixture.change(rows[1], .posting)),
                    .source(LedgerFixture.change(999, .posting)),
                ])
                guard case .refused(let illegal) = outcomes[0] else { return #expect(outcomes[0].isRefused) }
                #expect(illegal.state == .claimed && illegal.event == .postAccepted)
                #expect(outcomes[1].progress?.state == .posting)
                guard case .unknownSource = outcomes[2] else { return #expect(Bool(false), "a row that is not there was changed") }
            }
        }
    }

    @Test("a row that is read beside a commit is read whole, with the container that the commit named first")
    func readBesideCommit() async throws {
        try await LedgerFixture.with { fixture in
            try await fixture.open { ledger, spool in
                let rows = try await ledger.claim((0..<300).map { "f\($0)" }, spool)
                let posted = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for row in rows {
                        group.addTask {
                            let read = try await ledger.row(row)
                            guard let read, read.progress.state == .posting else { return false }
                            #expect(read.blob?.container == "https://account1.example/c\(row)" && read.properties != nil)
                            return true
                        }
                        group.addTask {
                            var change = LedgerFixture.change(row, .posting)
                            change.blob = LedgerFixture.blob(container: "https://account1.example/c\(row)")
                            _ = try await ledger.commit(.source(change))
                            return false
                        }
                        group.addTask {
                            let read = try await ledger.row(row)
                            guard let read, read.progress.state == .posting else { return false }
                            #expect(read.blob?.container == "https://account1.example/c\(row)" && read.properties != nil)
                            return true
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(posted > 0, "no read came beside a commit")
            }
        }
    }

    @Test("queries are no commits, and a closed ledger refuses everything")
    func queriesAndClose() async throws {
        try await LedgerFixture.with { fixture in
            let ledger = try await fixture.open { ledger, spool in
                let before = ledger.commitCount
                _ = try await ledger.counts()
                #expect(ledger.commitCount == before)
                return ledger
            }
            let error = await #expect(throws: LedgerError.self) { try await ledger.commit(.drained(through: 1)) }
            #expect(error?.reason == .closed)
        }
    }
}
