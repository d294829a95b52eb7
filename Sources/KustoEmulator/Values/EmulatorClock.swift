import NIOConcurrencyHelpers

/// The clock by which the emulator judges signatures, tokens, visibility timeouts and message lifetimes.
///
/// It runs with the system's clock and can be set ahead, so that a test sees a SAS expire or a message reappear without waiting for it.
package final class EmulatorClock: Sendable {
    private let offset = NIOLockedValueBox(Duration.zero)

    init() {}

    /// The time now.
    package var now: Moment { Moment.system + offset.withLockedValue { $0 } }

    /// Sets the clock ahead (or, with a negative duration, back).
    package func advance(by duration: Duration) { offset.withLockedValue { $0 += duration } }
}
