import SpoolPrimitives

/// How long to wait before the next look at the notification queues (protocol.md §5): at once after a full page, 1 s to 10 s while sources
/// wait, once a minute otherwise.
struct PollingPace: Sendable, Hashable {
    /// Between two looks, whatever is posted meanwhile.
    static let least: Duration = .milliseconds(500)
    private(set) var delay: Duration = .seconds(1)

    /// - Parameters:
    ///   - found: notifications that the last drain read.
    ///   - awaiting: whether sources await their verdict.
    mutating func drained(found: Int, awaiting: Bool) {
        if !awaiting {
            delay = .seconds(60)
        } else if found > 0 {
            delay = .seconds(1)
        } else {
            delay = min(delay * 2, .seconds(10))
        }
    }

    /// Something was posted: its verdict is not far.
    mutating func posted() { delay = .seconds(1) }
}
