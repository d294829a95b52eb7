import IngestionModel
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// protocol.md §7: a full disk is waited for.
@Suite struct FullDiskTests {
    private static func noRoom(_ full: Signal) -> @Sendable () -> Bool {
        {
            full.raise()
            return false
        }
    }

    /// Claims files until no page is left, and runs `body` while the next claim waits.
    ///
    /// - Returns: what became of the claims.
    @discardableResult
    private static func whileFull(
        _ ledger: Ledger, _ spool: SpoolKey, _ full: Signal, _ body: (_ claimed: Int) async throws -> Void
    ) async throws -> LedgerError? {
        try await ledger.limitPages(to: 24)
        return try await withThrowingTaskGroup(of: LedgerError?.self) { group in
            group.addTask {
                do {
                    for batch in 0..<50 { _ = try await ledger.claim((0..<20).map { "f\(batch)-\($0)" }, spool) }
                    return nil
                } catch let error as LedgerError {
                    return error
                }
            }
            await full.wait(atMost: .seconds(60), on: SystemTime())
            let claimed = try await ledger.counts()[.fresh] ?? 0
            #expect(claimed > 0 && claimed < 1000, "\(claimed) were claimed: the ledger is not full")
            try await body(claimed)
            return try await group.next() ?? nil
        }
    }

    @Test("what finds no room waits, what needs none passes, and everything is stored once when there is room")
    func waits() async throws {
        let full = Signal()
        try await LedgerFixture.with { fixture in
            try await fixture.open(onFull: Self.noRoom(full)) { ledger, spool in
                let failure = try await Self.whileFull(ledger, spool, full) { claimed in
                    _ = try await ledger.commit(.lookAgain(row: 1, at: LedgerFixture.at))
                    #expect(try await ledger.counts()[.fresh] == claimed, "a claim was stored though there is no room")
                    try await ledger.limitPages(to: 1 << 20)
                }
                #expect(failure == nil)
                #expect(try await ledger.counts()[.fresh] == 1000)
                let outbox = try await ledger.outbox(limit: .mebibytes(8))
                #expect(outbox.isGapless && outbox.lineCount == 1000)
            }
        }
    }

    @Test("what the journal has taken makes room for what waits")
    func drainedMakesRoom() async throws {
        let full = Signal()
        try await LedgerFixture.with { fixture in
            try await fixture.open(onFull: Self.noRoom(full)) { ledger, spool in
                try await Self.whileFull(ledger, spool, full) { claimed in
                    while try await ledger.counts()[.fresh] == claimed {
                        _ = try await ledger.commit(.drained(through: Int64(claimed)))
                    }
                    try await ledger.limitPages(to: 1 << 20)
                }
                #expect(try await ledger.counts()[.fresh] == 1000)
            }
        }
    }

    @Test("a stop does not wait for room: what waits fails as full, nothing of it is stored, and what comes later fails at once")
    func stop() async throws {
        let full = Signal()
        try await LedgerFixture.with { fixture in
            let claimed = Lock(0)
            try await fixture.open(onFull: Self.noRoom(full)) { ledger, spool in
                let failure = try await Self.whileFull(ledger, spool, full) { count in
                    claimed.withLock { $0 = count }
                    ledger.stopWaitingForRoom()
                }
                #expect(failure?.reason == .full)
                let later = await #expect(throws: LedgerError.self) { try await ledger.claim((0..<500).map { "l\($0)" }, spool) }
                #expect(later?.reason == .full)
            }
            try await fixture.open { ledger, spool in
                #expect(try await ledger.counts()[.fresh] == claimed.withLock { $0 })
                _ = try await ledger.claim(["more"], spool)
                let outbox = try await ledger.outbox(limit: .mebibytes(8))
                #expect(outbox.isGapless && outbox.lineCount == claimed.withLock { $0 } + 1)
            }
        }
    }
}
