package import AzureStorage
import HTTPTransport
package import KustoIngest
package import SpoolPrimitives

/// Lets as many requests to each storage account be on their way as its window allows; who comes too early waits, in order of coming.
package final class AccountGates: Sendable {
    /// An object, since every request comes by several times: nothing of it is copied. Touched under the lock only.
    private final class Gate {
        var window = AccountWindow()
        var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []

        /// Lets in whom there is room for; they are to be told outside the lock.
        func admit() -> [CheckedContinuation<Bool, Never>] {
            let count = min(waiting.count, max(0, window.limit - window.count))
            if count == 0 { return [] }
            let admitted = waiting.prefix(count).map(\.continuation)
            waiting.removeFirst(count)
            for _ in 0..<count { window.began() }
            return admitted
        }
    }

    private struct State {
        var gates: [StorageAccountKey: Gate] = [:]
        var nextID = 0

        mutating func gate(of account: StorageAccountKey) -> Gate {
            if let gate = gates[account] { return gate }
            let gate = Gate()
            gates[account] = gate
            return gate
        }
    }

    private let state = Lock(State())
    private let time: any TimeSource

    package init(time: any TimeSource) { self.time = time }

    /// How many requests may be on their way to each account now, for `status` and logs.
    package var limits: [String: Int] {
        state.withLock { state in
            Dictionary(uniqueKeysWithValues: state.gates.map { ($0.key.name, $0.value.window.limit) })
        }
    }

    /// How many may be on their way to all of them together.
    var capacity: Int { state.withLock { $0.gates.values.reduce(0) { $0 + $1.window.limit } } }

    /// Forgets what is known of accounts that the service lends no more, once nothing is on its way to them.
    package func forget(allBut accounts: Set<StorageAccountKey>) {
        state.withLock { state in
            state.gates = state.gates.filter { accounts.contains($0.key) || $0.value.window.count > 0 || !$0.value.waiting.isEmpty }
        }
    }

    /// Runs `send` when the account has room.
    ///
    /// - Throws: what `send` throws; `CancellationError` where the task was cancelled while it waited.
    package func withPermit<Result>(_ account: StorageAccountKey, _ send: () async throws -> Result) async throws -> Result {
        guard await enter(account) else { throw CancellationError() }
        defer {
            tell(
                state.withLock { state in
                    let gate = state.gate(of: account)
                    gate.window.ended()
                    return gate.admit()
                })
        }
        return try await send()
    }

    /// An answer came as it should.
    ///
    /// - Parameter reply: its time counts where the request was small, and went over a connection that was there.
    package func answered(_ request: AccountWindow.Request, by account: StorageAccountKey, _ reply: StorageReply) {
        let now = time.monotonicNow
        let elapsed = reply.isSmall && reply.timing.reusedConnection ? reply.timing.total : nil
        state.withLock { $0.gates[account]?.window.succeeded(request, after: elapsed, at: now) }
    }

    /// The account has too much to do.
    func throttled(_ account: StorageAccountKey) {
        let now = time.monotonicNow
        state.withLock { $0.gates[account]?.window.throttled(at: now) }
    }

    private func enter(_ account: StorageAccountKey) async -> Bool {
        let id: Int? = state.withLock { state in
            let gate = state.gate(of: account)
            if gate.waiting.isEmpty, gate.window.hasRoom {
                gate.window.began()
                return nil
            }
            state.nextID += 1
            return state.nextID
        }
        guard let id else { return true }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let admitted: [CheckedContinuation<Bool, Never>]? = state.withLock { state in
                    if Task.isCancelled { return nil }
                    let gate = state.gate(of: account)
                    gate.waiting.append((id, continuation))
                    // Room may have come since the first look.
                    return gate.admit()
                }
                if let admitted { tell(admitted) } else { continuation.resume(returning: false) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.gates[account]?.waiting.firstIndex { $0.id == id }.flatMap { state.gates[account]?.waiting.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: false)
        }
    }

    private func tell(_ admitted: [CheckedContinuation<Bool, Never>]) {
        for continuation in admitted { continuation.resume(returning: true) }
    }
}
