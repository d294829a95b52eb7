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
    /// - Returns: whether a post ended it.
    func wait(for signal: Signal, on time: any TimeSource, isStopping: @Sendable () -> Bool) async -> Bool {
        if isStopping() { return false }
        let began = time.monotonicNow
        await signal.wait(atMost: delay, on: time)
        let isPost = time.monotonicNow - began < delay
        if isStopping() { return isPost }
        // Posts come in crowds; each must not cost a look of its own. A cancelled sleep is a stop that could not wait.
        do { try await time.sleep(for: Self.least) } catch {}
        return isPost
    }
}
