import Dispatch
import NIOConcurrencyHelpers

/// Tells whoever waits that something has changed. Conditions are looked at on one queue, and a burst of changes is one look.
final class EventHub: Sendable {
    /// The wait's end came before the condition.
    struct TimedOut: Error {}

    private struct Waiter {
        let condition: @Sendable () -> Bool
        let then: @Sendable (Bool) -> Void
    }

    private struct State {
        var waiters: [Int: Waiter] = [:]
        var nextID = 0
        var isScheduled = false
        var isStopped = false
    }

    private let state = NIOLockedValueBox(State())
    private let queue = DispatchQueue(label: "kusto-emulator.events")

    /// Something has changed.
    func changed() {
        let schedules = state.withLockedValue { state in
            guard !state.waiters.isEmpty, !state.isScheduled else { return false }
            state.isScheduled = true
            return true
        }
        if schedules { queue.async { self.look() } }
    }

    /// Ends every wait, with failure.
    func stop() {
        let waiters = state.withLockedValue { state in
            state.isStopped = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.then(false) }
    }

    /// Waits until the condition holds; false where the deadline or the emulator's end came first.
    func wait(deadline: Duration, until condition: @escaping @Sendable () -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            whenTrue(deadline: deadline, condition) { continuation.resume(returning: $0) }
        }
    }

    /// Calls `then` once: when the condition holds, or with false at the deadline or the emulator's end.
    func whenTrue(deadline: Duration, _ condition: @escaping @Sendable () -> Bool, then: @escaping @Sendable (Bool) -> Void) {
        let id = state.withLockedValue { state -> Int? in
            guard !state.isStopped else { return nil }
            state.nextID += 1
            state.waiters[state.nextID] = Waiter(condition: condition, then: then)
            return state.nextID
        }
        guard let id else { return then(false) }
        changed()
        let (seconds, attoseconds) = deadline.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { self.expire(id) }
    }

    private func look() {
        let waiters = state.withLockedValue { state in
            state.isScheduled = false
            return state.waiters
        }
        for (id, waiter) in waiters where waiter.condition() { finish(id, true) }
    }

    /// The deadline. Only the number is held until then, not the condition, which keeps an emulator alive.
    private func expire(_ id: Int) {
        guard let condition = state.withLockedValue({ $0.waiters[id]?.condition }) else { return }
        finish(id, condition())
    }

    private func finish(_ id: Int, _ holds: Bool) {
        let waiter = state.withLockedValue { $0.waiters.removeValue(forKey: id) }
        waiter?.then(holds)
    }
}
