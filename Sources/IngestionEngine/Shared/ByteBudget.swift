package import SpoolPrimitives
import Synchronization

/// A bound on the bytes that buffers hold together (P7): who wants a buffer waits until there is room, in order of asking. Nobody waits for more while
/// holding some.
package final class ByteBudget: Sendable {
    private struct State {
        var free: Int64
        var waiting: [(id: Int, amount: Int64, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextID = 0
    }

    /// What a request holds beside its body: the connection's buffers, libcurl's and the socket's, and with TLS the records.
    static let perRequest: ByteCount = .kibibytes(24)

    private let total: Int64
    private let state: Lock<State>

    package init(_ total: ByteCount) {
        self.total = total.bytes
        state = Lock(State(free: total.bytes))
    }

    /// Runs `body` while it holds `amount`. More than the whole budget counts as the whole, so that nobody waits for ever.
    package func withBytes<Result>(_ amount: ByteCount, _ body: () async throws -> Result) async throws -> Result {
        guard let loan = await borrow(amount) else { throw CancellationError() }
        defer { loan.giveBack() }
        return try await body()
    }

    /// The same at once, whether there is room or not, for what must not wait.
    package func take(_ amount: ByteCount) -> Loan {
        charge(amount.bytes)
        return Loan(of: self, amount.bytes)
    }

    /// The same without a body, for who does not know beforehand how much it will be; nil where the task was cancelled while it waited.
    package func borrow(_ amount: ByteCount) async -> Loan? {
        let charged = min(amount.bytes, total)
        return await acquire(charged) ? Loan(of: self, charged) : nil
    }

    private func acquire(_ amount: Int64) async -> Bool {
        let id: Int? = state.withLock { state in
            if state.waiting.isEmpty, state.free >= amount {
                state.free -= amount
                return nil
            }
            state.nextID += 1
            return state.nextID
        }
        guard let id else { return true }
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
            // Behind it somebody may have waited for less.
            if cancelled != nil { charge(0) }
        }
    }

    /// What nobody holds; less than nothing while it is overdrawn.
    package var free: ByteCount { ByteCount(state.withLock { $0.free }) }

    /// How many wait for room.
    package var waiting: Int { state.withLock { $0.waiting.count } }

    /// Takes that much more, or gives it back, at once: who overdraws the budget makes all others wait until it is even again.
    fileprivate func charge(_ more: Int64) {
        let ready = state.withLock { state in
            state.free -= more
            var ready: [CheckedContinuation<Bool, Never>] = []
            while let first = state.waiting.first, first.amount <= state.free {
                state.free -= first.amount
                ready.append(state.waiting.removeFirst().continuation)
            }
            return ready
        }
        for continuation in ready { continuation.resume(returning: true) }
    }

    /// What somebody holds, until it is given back.
    package final class Loan: Sendable {
        private let budget: ByteBudget
        private let amount: Atomic<Int64>

        fileprivate init(of budget: ByteBudget, _ amount: Int64) {
            self.budget = budget
            self.amount = Atomic(amount)
        }

        deinit { giveBack() }

        /// It came to more or less than was thought.
        package func become(_ amount: ByteCount) {
            let held = self.amount.exchange(amount.bytes, ordering: .relaxed)
            if held != amount.bytes { budget.charge(amount.bytes - held) }
        }

        package func giveBack() { become(.zero) }
    }
}
