import IngestionModel
package import Ledger
import SpoolPrimitives

/// Which spools are held because the service refused what their configuration names (protocol.md §4): one alert, a probe now and then,
/// release when it passes.
package final class RouteHolds: Sendable {
    private struct State {
        /// When each held spool may send its next probe.
        var nextProbe: [SpoolKey: Timestamp] = [:]
        var probes: [SpoolKey: Int] = [:]
        /// Spools whose held rows have to be read again; nil: all of them.
        var lookAt: Set<SpoolKey>?
        /// Held spools of which a source has got its verdict since.
        var passed: Set<SpoolKey> = []
        /// Held spools of which no source is held any more: their next probe is a fresh file.
        var freshProbes: Set<SpoolKey> = []
    }

    private let state = Lock(State())
    private static let probing = RetryPolicy(first: .seconds(60), ceiling: .seconds(3600))

    package init() {}

    /// A source of the spool was superseded: it may have been for its route's sake.
    package func lookAgain(at spool: SpoolKey) { state.withLock { _ = $0.lookAt?.insert(spool) } }

    /// The service gave a verdict on a source of the spool: perhaps its probe.
    package func passed(_ spool: SpoolKey) { state.withLock { if $0.nextProbe[spool] != nil { $0.passed.insert(spool) } } }

    /// Those of the spools whose held rows have to be read again; told once. The first time, after a start, all.
    func takeLooks(among spools: [SpoolKey]) -> [SpoolKey] {
        state.withLock { state in
            defer { state.lookAt = [] }
            guard let lookAt = state.lookAt else { return spools }
            return spools.filter(lookAt.contains)
        }
    }

    /// The held spools that may be released; told once.
    func takePassed() -> Set<SpoolKey> {
        state.withLock { state in
            defer { state.passed = [] }
            return state.passed
        }
    }

    /// Holds a spool. One that is held already keeps its next probe: what else fails meanwhile must not put that off.
    ///
    /// - Returns: whether the hold is new, so that it is worth an alert.
    func hold(_ spool: SpoolKey, at now: Timestamp, random: Double) -> Bool {
        state.withLock { state in
            guard state.nextProbe[spool] == nil else { return false }
            state.nextProbe[spool] = now + Self.probing.delay(afterFailure: 1, random: random)
            return true
        }
    }

    func release(_ spool: SpoolKey) {
        state.withLock { state in
            state.nextProbe[spool] = nil
            state.probes[spool] = nil
            state.freshProbes.remove(spool)
        }
    }

    package func isHeld(_ spool: SpoolKey) -> Bool { state.withLock { $0.nextProbe[spool] != nil } }

    /// The held spools whose next probe is due; each further one comes after a longer wait.
    func dueProbes(at now: Timestamp, random: Double) -> [SpoolKey] {
        state.withLock { state in
            let due = state.nextProbe.filter { $0.value <= now }.map(\.key)
            for spool in due {
                let probes = (state.probes[spool] ?? 0) + 1
                state.probes[spool] = probes
                state.nextProbe[spool] = now + Self.probing.delay(afterFailure: probes + 1, random: random)
            }
            return due
        }
    }

    /// A probe is due, and nothing that could be one is held: the last probe went out, and its verdict never came. A fresh file of the spool is to be the
    /// next, or all of them would wait for ever.
    func wantFreshProbe(_ spool: SpoolKey) { state.withLock { if $0.nextProbe[spool] != nil { $0.freshProbes.insert(spool) } } }

    /// Whether a fresh file of a held spool may go as its probe.
    package func wantsFreshProbe(_ spool: SpoolKey) -> Bool { state.withLock { $0.freshProbes.contains(spool) } }

    /// It goes.
    func freshProbeGoes(_ spool: SpoolKey) { state.withLock { _ = $0.freshProbes.remove(spool) } }

    /// The earliest probe, for the scheduler's wait.
    var earliestProbe: Timestamp? { state.withLock { $0.nextProbe.values.min() } }
}
