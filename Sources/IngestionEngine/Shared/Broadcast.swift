package import Ledger
package import SpoolPrimitives

/// One signal for each spool: "look again", for one watcher or for all of them.
package final class Broadcast: Sendable {
    private let signals = Lock<[SpoolKey: [Signal]]>([:])

    package init() {}

    /// A signal of the caller's own, which is raised with the spool's and with all.
    package func subscribe(to spool: SpoolKey) -> Signal {
        let signal = Signal()
        signals.withLock { $0[spool, default: []].append(signal) }
        return signal
    }

    /// For what concerns one spool: with a hundred of them, waking all for each file would cost more than the file.
    package func raise(_ spool: SpoolKey) {
        for signal in signals.withLock({ $0[spool] ?? [] }) { signal.raise() }
    }

    /// For what concerns every spool.
    package func raiseAll() {
        for signal in signals.withLock({ $0.values.flatMap { $0 } }) { signal.raise() }
    }
}
