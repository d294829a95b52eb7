/// Spreads what is used over time: a value that only says how long to wait.
///
/// After a pause up to a second's worth goes at once; then each use waits for the ones before it. What is more than a second's worth waits as long as it
/// takes, and does not wait for ever.
package struct Pacing: Sendable, Hashable {
    private let perSecond: Double
    /// When everything used so far is paid for.
    private var paidAt: Duration = .zero
    private static let burst: Duration = .seconds(1)

    /// - Parameter perSecond: more than 0.
    package init(perSecond: Double) { self.perSecond = perSecond }

    /// Uses so much; how long to wait before it is used.
    ///
    /// - Parameter now: of the monotonic clock.
    package mutating func use(_ amount: Double, at now: Duration) -> Duration {
        let start = max(paidAt, now - Self.burst)
        paidAt = start + .seconds(amount / perSecond)
        return max(start - now, .zero)
    }
}
