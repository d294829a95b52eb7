package import SpoolPrimitives

/// When the resource snapshot is fetched next: a state machine that only counts, told what happened and by which clock.
///
///     no snapshot yet        at once, then after 1, 2, 4 … 60 s: without one nothing can be done at all
///     snapshot fetched       after 1 h ± 10 %, or 15 min before the first signature ends, whichever is sooner
///     refresh failed         after 1, 2, 4, 5, 5 … min ± 10 %, or when the server says (Retry-After), the old snapshot being kept
///     storage answered 403   at once, but not within 1 min of the last attempt, for the reason may lie elsewhere
///     a message's credentials refused by the service   at once, but not within 5 s of the last attempt
///
/// Signatures that live less than half an hour are renewed at half their life. Source: the SDKs' hour and minute (reference:
/// kusto-queued-ingestion §2); the jitter keeps a fleet's clients apart (§10.15).
package struct RefreshSchedule: Sendable, Hashable {
    /// The numbers of the table above.
    package struct Policy: Sendable, Hashable {
        package var interval: Duration = .seconds(3600)
        package var jitter: Double = 0.1
        package var expiryMargin: Duration = .seconds(900)
        package var firstRetry: Duration = .seconds(1)
        package var longestFirstRetry: Duration = .seconds(60)
        package var retry: Duration = .seconds(60)
        package var longestRetry: Duration = .seconds(300)
        /// A Retry-After beyond this is not believed.
        package var longestRetryAfter: Duration = .seconds(900)
        package var leastDistance: Duration = .seconds(60)
        /// However short the signatures live, no refresh comes sooner after a good one.
        package var leastInterval: Duration = .seconds(5)

        package init() {}
    }

    private enum State: Sendable, Hashable {
        case waitingForFirst(failures: Int)
        case fresh
        case stale(failures: Int)
    }

    private let policy: Policy
    private var state = State.waitingForFirst(failures: 0)
    private var lastAttempt: Duration?
    /// The monotonic instant of the next attempt; nil: at once.
    private var due: Duration?

    package init(policy: Policy = Policy()) { self.policy = policy }

    /// How long to wait from now; zero when the refresh is due.
    package func delay(at now: Duration) -> Duration {
        guard let due else { return .zero }
        return max(due - now, .zero)
    }

    /// Refreshes that failed since the last good one.
    package var failures: Int {
        switch state {
        case .waitingForFirst(let failures), .stale(let failures): failures
        case .fresh: 0
        }
    }

    /// - Parameter life: from now to the first end of a signature, by the server's clock; nil where none says.
    package mutating func succeeded(at now: Duration, life: Duration?, random: RandomSource) {
        state = .fresh
        lastAttempt = now
        var wait = random.jittered(policy.interval, by: policy.jitter)
        if let life { wait = min(wait, life - min(policy.expiryMargin, life / 2)) }
        due = now + max(wait, policy.leastInterval)
    }

    /// - Parameter retryAfter: what the server asked for.
    package mutating func failed(at now: Duration, retryAfter: Duration? = nil, random: RandomSource) {
        let backoff: Duration
        switch state {
        case .waitingForFirst(let failures):
            state = .waitingForFirst(failures: failures + 1)
            backoff = Self.doubled(policy.firstRetry, failures, atMost: policy.longestFirstRetry)
        case .fresh:
            state = .stale(failures: 1)
            backoff = policy.retry
        case .stale(let failures):
            state = .stale(failures: failures + 1)
            backoff = Self.doubled(policy.retry, failures, atMost: policy.longestRetry)
        }
        lastAttempt = now
        let asked = min(retryAfter ?? .zero, policy.longestRetryAfter)
        due = now + max(random.jittered(backoff, by: policy.jitter), asked)
    }

    /// Storage refused a signature of the current snapshot. A backoff that runs is not shortened, or a 403 for each file would undo it.
    package mutating func resourceRejected(at now: Duration) {
        guard case .fresh = state, let lastAttempt, let due else { return }
        self.due = min(due, max(now, lastAttempt + policy.leastDistance))
    }

    /// The service refused what a message carried, the identity token or the blob's signature: every message until the next refresh would fare
    /// the same. Such news come a batch at a time, minutes apart, so they need no minute's distance.
    package mutating func messageRejected(at now: Duration) {
        guard case .fresh = state, let lastAttempt, let due else { return }
        self.due = min(due, max(now, lastAttempt + policy.leastInterval))
    }

    private static func doubled(_ first: Duration, _ times: Int, atMost longest: Duration) -> Duration {
        times >= 20 ? longest : min(first * (1 << times), longest)
    }
}
