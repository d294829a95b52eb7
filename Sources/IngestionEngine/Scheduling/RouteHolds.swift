import IngestionModel
import Ledger
import SpoolPrimitives

/// Which spools are held because the service refused what their configuration names (protocol.md §4): one alert, a probe now and then,
/// release when it passes.
package final class RouteHolds: Sendable {
    private struct State {
        /// When each held spool may send its next probe.
        var nextProbe: [SpoolKey: Timestamp] = [:]
        var probes: [SpoolKey: Int] = [:]
        var needsLook = true
        /// Held spools of which a source has succeeded since.
        var passed: Set<SpoolKey> = []
    }

    private let state = Lock(State())
    private static let probing = RetryPolicy(first: .seconds(60), ceiling: .seconds(3600))

    package init() {}

    /// A source was superseded: it may have been for its route's sake.
    func lookAgain() { state.withLock { $0.needsLook = true } }

    /// A source of the spool succeeded: perhaps its probe.
    func succeeded(_ spool: SpoolKey) { state.withLock { if $0.nextProbe[spool] != nil { $0.passed.insert(spool) } } }

    /// Whether the held rows have to be read again; asked once.
    func takeNeedsLook() -> Bool {
        state.withLock { state in
            defer { state.needsLook = false }
            return state.needsLook
        }
    }

    /// The held spools that may be released; told once.
    func takePassed() -> Set<SpoolKey> {
        state.withLock { state in
            defer { state.passed = [] }
            return state.passed
        }
    }

    /// - Returns: whether the hold is new, so that it is worth an alert.
    func hold(_ spool: SpoolKey, at now: Timestamp, random: Double) -> Bool {
        state.withLock { state in
            let isNew = state.nextProbe[spool] == nil
            let probes = (state.probes[spool] ?? 0) + 1
            state.probes[spool] = probes
            state.nextProbe[spool] = now + Self.probing.delay(afterFailure: probes, random: random)
            return isNew
        }
    }

    func release(_ spool: SpoolKey) {
        state.withLock { state in
            state.nextProbe[spool] = nil
            state.probes[spool] = nil
        }
    }

    func isHeld(_ spool: SpoolKey) -> Bool { state.withLock { $0.nextProbe[spool] != nil } }

    /// The held spools whose next probe is due; their next one is put off.
    func dueProbes(at now: Timestamp) -> [SpoolKey] {
        state.withLock { state in
            let due = state.nextProbe.filter { $0.value <= now }.map(\.key)
            for spool in due { state.nextProbe[spool] = now + .seconds(600) }
            return due
        }
    }

    /// The earliest probe, for the scheduler's wait.
    var earliestProbe: Timestamp? { state.withLock { $0.nextProbe.values.min() } }
}
