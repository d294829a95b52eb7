package import SpoolPrimitives

/// A bound on the bytes that buffers hold together (P7): who wants a buffer waits until there is room, in order of asking.
package final class ByteBudget: Sendable {
    private struct State {
        var free: Int64
        var waiting: [(id: Int, amount: Int64, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextID = 0
    }

    private let total: Int64
    private let state: Lock<State>

    package init(_ total: ByteCount) {
        self.total = total.bytes
        state = Lock(State(free: total.bytes))
    }

    /// Runs `body` while it holds `amount`. More than the whole budget counts as the whole, so that nobody waits for ever.
    package func withBytes<Result>(_ amount: ByteCount, _ body: () async throws -> Result) async throws -> Result {
        let charged = min(amount.bytes, total)
        guard await acquire(charged) else { throw CancellationError() }
        defer { release(charged) }
        return try await body()
    }

    private func acquire(_ amount: Int64) async -> Bool {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.waiting.isEmpty, state.free >= amount {
                        state.free -= amount
                        return true
                    }
                    state.waiting.append((id, amount, continuation))
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            let cancelled = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).continuation }
            }
            cancelled?.resume(returning: false)
        }
    }

    private func release(_ amount: Int64) {
        let ready = state.withLock { state in
            state.free += amount
            var ready: [CheckedContinuation<Bool, Never>] = []
            while let first = state.waiting.first, first.amount <= state.free {
                state.free -= first.amount
                ready.append(state.waiting.removeFirst().continuation)
            }
            return ready
        }
        for continuation in ready { continuation.resume(returning: true) }
    }
}
