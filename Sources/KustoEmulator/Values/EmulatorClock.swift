import NIOConcurrencyHelpers

/// The clock by which the emulator judges signatures, tokens, visibility timeouts and message lifetimes, and which its replies and notifications show.
///
/// It runs with the system's clock and can be set ahead, so that a test sees a SAS expire or a message reappear without waiting for it, or be set
/// wrong, so that a client sees clocks that disagree.
package final class EmulatorClock: Sendable {
    private let state = NIOLockedValueBox((offset: Duration.zero, watchers: [@Sendable () -> Void]()))

    init(offset: Duration = .zero) { state.withLockedValue { $0.offset = offset } }

    /// The time now.
    package var now: Moment { Moment.system + state.withLockedValue { $0.offset } }

    /// By how much it differs from the system's.
    package var offset: Duration { state.withLockedValue { $0.offset } }

    /// Sets the clock ahead (or, with a negative duration, back).
    package func advance(by duration: Duration) { change { $0 += duration } }

    /// Makes the clock differ from the system's by that.
    package func set(offset: Duration) { change { $0 = offset } }

    /// Calls the body after every such change.
    func onChange(_ body: @escaping @Sendable () -> Void) { state.withLockedValue { $0.watchers.append(body) } }

    private func change(_ body: (inout Duration) -> Void) {
        let watchers = state.withLockedValue { state in
            body(&state.offset)
            return state.watchers
        }
        watchers.forEach { $0() }
    }
}
