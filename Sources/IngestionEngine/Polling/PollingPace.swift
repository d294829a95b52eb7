import SpoolPrimitives

/// How long to wait before the next look for reports (protocol.md §5): at once after a full page, 1 s to 10 s while sources wait (30 s for status
/// tables, which have to be searched), once a minute otherwise.
package struct PollingPace: Sendable, Hashable {
    /// Between two looks, whatever is posted meanwhile.
    package static let least: Duration = .milliseconds(500)
    package private(set) var delay: Duration = .seconds(1)
    private let ceiling: Duration

    package init(ceiling: Duration = .seconds(10)) { self.ceiling = ceiling }

    /// - Parameters:
    ///   - found: notifications that the last drain read.
    ///   - awaiting: whether sources await their verdict.
    package mutating func drained(found: Int, awaiting: Bool) {
        if !awaiting {
            delay = .seconds(60)
        } else if found > 0 {
            delay = .seconds(1)
        } else {
            delay = min(delay * 2, ceiling)
        }
    }

    /// Something was posted: its verdict is not far.
    package mutating func posted() { delay = .seconds(1) }

    /// Waits for the next look. A post ends a long wait; a stop ends any.
    ///
    /// - Parameter random: 0 to 1: the wait is up to a fifth shorter, so that it is in step with nothing: what is out of order at regular times, and the time
    ///   that storage hides a message of which nobody heard, must not meet again and again.
    /// - Returns: whether a post ended it.
    func wait(
        for signal: Signal, on time: any TimeSource, random: Double, isStopping: @Sendable () -> Bool
    ) async -> Bool {
        if isStopping() { return false }
        let began = time.monotonicNow
        let wait = delay * (1 - random / 5)
        await signal.wait(atMost: wait, on: time)
        let isPost = time.monotonicNow - began < wait
        if isStopping() { return isPost }
        // Posts come in crowds; each must not cost a look of its own. A cancelled sleep is a stop that could not wait.
        do { try await time.sleep(for: Self.least) } catch {}
        return isPost
    }
}
