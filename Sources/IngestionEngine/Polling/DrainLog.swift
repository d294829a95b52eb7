package import SpoolPrimitives

/// When the notification queues were last read to their end: what a repost and a deadline wait for (protocol.md §4, §5).
package final class DrainLog: Sendable {
    private let state = Lock<Timestamp?>(nil)

    package init() {}

    /// When the last complete drain began. What was to be said before it has been read.
    package var lastCompleteBegan: Timestamp? { state.withLock { $0 } }

    /// A drain that began then has read every queue to its end.
    package func completed(began: Timestamp) { state.withLock { $0 = began } }
}
