package import SpoolPrimitives

/// A clock whose hands the test moves.
package final class ManualTime: TimeSource {
    private struct Sleeper {
        var wakesAt: Duration
        var signal: Signal
    }

    private struct State {
        var wall: Timestamp
        var monotonic = Duration.zero
        var creep = Duration.zero
        var sleepers: [Sleeper] = []
    }

    private let state: Lock<State>
    /// Raised when somebody has gone to sleep: a test waits for that before it moves the hands.
    package let fellAsleep = Signal()

    /// - Parameter wall: what the wall clock says first; the monotonic one begins at zero.
    package init(wall: Timestamp = Timestamp(seconds: 1_800_000_000)) { state = Lock(State(wall: wall)) }

    /// What the test has set, and a little later each time where the clock creeps.
    package var wallNow: Timestamp {
        state.withLock { state in
            defer {
                state.wall = state.wall + state.creep
                state.monotonic += state.creep
            }
            return state.wall
        }
    }

    /// From now on time passes by itself, so much at each look at the wall clock; it wakes nobody.
    package func creep(by step: Duration) { state.withLock { $0.creep = step } }

    /// How far the test has advanced.
    package var monotonicNow: Duration { state.withLock { $0.monotonic } }

    /// Moves both clocks, and wakes whose time has come.
    package func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.wall = state.wall + duration
            state.monotonic += duration
            let now = state.monotonic
            let due = state.sleepers.filter { $0.wakesAt <= now }
            state.sleepers.removeAll { $0.wakesAt <= now }
            return due
        }
        for sleeper in woken { sleeper.signal.raise() }
    }

    /// Returns when the test has advanced so far.
    package func sleep(for duration: Duration) async throws(CancellationError) { try await sleep { $0 + duration } }

    package func sleep(until instant: Duration) async throws(CancellationError) { try await sleep { _ in instant } }

    private func sleep(_ end: (Duration) -> Duration) async throws(CancellationError) {
        let signal = Signal()
        let isOver = state.withLock { state in
            let wakesAt = end(state.monotonic)
            if wakesAt <= state.monotonic { return true }
            state.sleepers.append(Sleeper(wakesAt: wakesAt, signal: signal))
            return false
        }
        if !isOver {
            fellAsleep.raise()
            await signal.wait()
        }
        if Task.isCancelled {
            state.withLock { state in state.sleepers.removeAll { $0.signal === signal } }
            throw CancellationError()
        }
    }

    /// The instants until which somebody sleeps, soonest first.
    package var alarms: [Duration] { state.withLock { $0.sleepers.map(\.wakesAt).sorted() } }

    /// Returns when somebody sleeps until that instant: the code under test has then done all that it does before.
    package func untilAlarm(at instant: Duration) async {
        await until { alarms.contains(instant) }
    }
}

/// Waits for a condition that another task brings about; yields, and does not sleep. Returns when its own task is cancelled: a test's time is over.
package func until(_ condition: @Sendable () async throws -> Bool) async rethrows {
    while !Task.isCancelled, !(try await condition()) { await Task.yield() }
}
