import SpoolPrimitives

/// Tasks that wait for one value, each of which may give up.
final class WaitingList<Value: Sendable>: Sendable {
    private struct State {
        var nextID: UInt64 = 0
        var waiting: [UInt64: UnsafeContinuation<Value?, Never>] = [:]
        var cancelledEarly: Set<UInt64> = []
    }

    private let state = Lock(State())

    /// Waits for the next ``resume(with:)``; nil when the task is cancelled.
    ///
    /// The caller joins the list before this function suspends for the first time: an actor that calls it cannot miss a value that it sends itself.
    func wait() async -> Value? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelledEarly.remove(id) != nil { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isCancelled { continuation.resume(returning: nil) }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.waiting.removeValue(forKey: id)
                if continuation == nil { state.cancelledEarly.insert(id) }
                return continuation
            }
            continuation?.resume(returning: nil)
        }
    }

    /// Hands the value to all who wait now.
    func resume(with value: Value) {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume(returning: value) }
    }
}
