import Ledger
import SpoolPrimitives

/// Gives out claim numbers, each once: a block at a time from the ledger, so that a crash skips numbers and never repeats one.
package final class ClaimNumbers: Sendable {
    private static let block: Int64 = 1024
    private let state = Lock<(next: Int64, end: Int64)>((0, 0))

    package init() {}

    func next(_ ledger: Ledger) async throws(LedgerError) -> Int64 {
        if let number = take() { return number }
        guard case .claimNumbers(let first) = try await ledger.commit(.takeClaimNumbers(count: Self.block)) else {
            preconditionFailure("the ledger answers what it was asked")
        }
        // Two watchers may have asked; both blocks are ours, and the rest of one of them is skipped.
        return state.withLock { state in
            state = (first + 1, first + Self.block)
            return first
        }
    }

    private func take() -> Int64? {
        state.withLock { state in
            guard state.next < state.end else { return nil }
            state.next += 1
            return state.next - 1
        }
    }
}
