import SpoolPrimitives

/// How long to wait before the next look at the notification queues (protocol.md §5): at once after a full page, 1 s to 10 s while sources
/// wait, once a minute otherwise.
package struct PollingPace: Sendable, Hashable {
    /// Between two looks, whatever is posted meanwhile.
    package static let least: Duration = .milliseconds(500)
    package private(set) var delay: Duration = .seconds(1)

    package init() {}

    /// - Parameters:
    ///   - found: notifications that the last drain read.
    ///   - awaiting: whether sources await their verdict.
    package mutating func drained(found: Int, awaiting: Bool) {
        if !awaiting {
            delay = .seconds(60)
        } else if found > 0 {
            delay = .seconds(1)
        } else {
            delay = min(delay * 2, .seconds(10))
        }
    }

    /// Something was posted: its verdict is not far.
    package mutating func posted() { delay = .seconds(1) }
}
