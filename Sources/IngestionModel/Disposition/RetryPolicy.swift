/// How long to wait before the next attempt. Retries go on for days, so the policy has a ceiling and no end.
package struct RetryPolicy: Sendable, Hashable {
    package var first: Duration
    package var ceiling: Duration

    package init(first: Duration, ceiling: Duration) {
        self.first = first
        self.ceiling = ceiling
    }

    /// For a source whose upload or post failed: 1 s, 2 s, 4 s … 10 min.
    package static let source = RetryPolicy(first: .seconds(1), ceiling: .seconds(600))

    /// The wait after the `failures`-th failure in a row, spread evenly over 75 % to 125 % so that clients that failed together do not
    /// come back together.
    ///
    /// - Parameters:
    ///   - failures: from 1.
    ///   - retryAfter: what the server asked for; never undercut.
    ///   - random: in 0..<1.
    package func delay(afterFailure failures: Int, retryAfter: Duration? = nil, random: Double) -> Duration {
        let doublings = min(max(failures, 1) - 1, 30)
        let plain = min(first * (1 << doublings), ceiling)
        let spread = plain * (0.75 + 0.5 * random)
        guard let retryAfter else { return spread }
        return max(spread, min(retryAfter, .seconds(3600)))
    }
}
