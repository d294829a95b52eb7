import Glibc

/// Where the project gets its time from, so that tests can turn the hands themselves.
///
/// Two clocks, which must not be mixed: `wallNow` names instants that are written down or compared with the service's (it may jump),
/// `monotonicNow` measures how long something takes (it does not).
package protocol TimeSource: Sendable {
    /// The wall clock, UTC.
    var wallNow: Timestamp { get }
    /// Time since an arbitrary start, never going back.
    var monotonicNow: Duration { get }
    /// Returns after `duration`, or throws `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws(CancellationError)
    /// The same until an instant of the monotonic clock: for who has worked out when, and may be held up before the sleep.
    func sleep(until instant: Duration) async throws(CancellationError)
}

extension TimeSource {
    package func sleep(until instant: Duration) async throws(CancellationError) { try await sleep(for: instant - monotonicNow) }
}

/// The machine's own clocks.
package struct SystemTime: TimeSource {
    package init() {}

    package var wallNow: Timestamp { Timestamp(clock: CLOCK_REALTIME) }

    package var monotonicNow: Duration {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
    }

    package func sleep(for duration: Duration) async throws(CancellationError) {
        do {
            try await Task.sleep(for: duration)
        } catch {
            throw CancellationError()
        }
    }
}
