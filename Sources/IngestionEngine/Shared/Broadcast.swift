package import SpoolPrimitives

/// Raises any number of signals at once: "look again" for every watcher.
package final class Broadcast: Sendable {
    private let signals = Lock<[Signal]>([])

    package init() {}

    /// A signal of the caller's own, which is raised with all the others.
    package func subscribe() -> Signal {
        let signal = Signal()
        signals.withLock { $0.append(signal) }
        return signal
    }

    package func raise() {
        for signal in signals.withLock({ $0 }) { signal.raise() }
    }
}
