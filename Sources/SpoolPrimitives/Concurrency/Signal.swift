/// Wakes one waiting task: "there may be something to do".
///
/// Signals do not count: any number of them before the wait are one. The waiter looks for its work itself, so a signal can
/// neither be lost (it is remembered) nor do harm when it is late.
package final class Signal: Sendable {
    private enum State {
        case quiet
        case raised
        case waiting(UnsafeContinuation<Void, Never>)
    }

    private let state = Lock(State.quiet)

    package init() {}

    /// Wakes the waiter, or lets the next wait return at once.
    package func raise() {
        let waiter: UnsafeContinuation<Void, Never>? = state.withLock { state in
            if case .waiting(let continuation) = state {
                state = .quiet
                return continuation
            }
            state = .raised
            return nil
        }
        waiter?.resume()
    }

    /// Whether the next wait would return at once.
    package var isRaised: Bool {
        state.withLock { state in
            if case .raised = state { true } else { false }
        }
    }

    /// Returns when the signal is raised, at once if it was raised since the last wait, or when the task is cancelled.
    /// One task at a time may wait.
    package func wait() async {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let ready = state.withLock { state in
                    switch state {
                    case .raised:
                        state = .quiet
                        return true
                    case .quiet:
                        if Task.isCancelled { return true }
                        state = .waiting(continuation)
                        return false
                    case .waiting:
                        preconditionFailure("two tasks wait for one signal")
                    }
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            raise()
        }
    }

    /// Returns when the signal is raised, after `timeout`, or when the task is cancelled, whichever comes first.
    package func wait(atMost timeout: Duration, on time: any TimeSource) async { await wait(until: time.monotonicNow + timeout, on: time) }

    /// The same until an instant of the monotonic clock.
    package func wait(until instant: Duration, on time: any TimeSource) async {
        await withTaskGroup { group in
            group.addTask { await self.wait() }
            group.addTask {
                // Cancelled is how this sleep normally ends: the signal came first.
                do { try await time.sleep(until: instant) } catch {}
            }
            await group.next()
            group.cancelAll()
        }
    }
}
