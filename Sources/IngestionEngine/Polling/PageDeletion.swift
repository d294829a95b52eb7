import SpoolPrimitives

/// Deletes what a page of notifications held, a few at one time.
///
/// Once one gets no answer, all the rest go at once: one behind the other they might wait for a time-out each, while storage shows them to others again.
/// At a stop they are left then, and come again.
package struct PageDeletion<Message: Sendable>: Sendable {
    /// What came of one delete.
    package enum Outcome: Sendable {
        /// The service said yes or no.
        ///
        /// - Parameter after: over a connection that stood already; nil where it says nothing of the round trip.
        case answered(after: Duration?)
        /// Nothing came back in its time.
        case unanswered
    }

    private let width: Int
    private let isStopping: @Sendable () -> Bool
    private let delete: @Sendable (Message) async -> Outcome

    package init(width: Int, isStopping: @escaping @Sendable () -> Bool, delete: @escaping @Sendable (Message) async -> Outcome) {
        self.width = width
        self.isStopping = isStopping
        self.delete = delete
    }

    /// Returns when each of them was deleted, refused or given up.
    ///
    /// - Returns: the fastest answer.
    package func run(_ messages: [Message]) async -> Duration? {
        let left = Lock(messages[...])
        return await withTaskGroup(of: Lane.self) { group in
            for _ in 0..<min(width, messages.count) { group.addTask { await self.lane(left) } }
            var fastest: Duration?
            while let lane = await group.next() {
                fastest = lane.faster(than: fastest)
                guard lane.isStuck else { continue }
                let rest = left.withLock { left in
                    defer { left = [] }
                    return left
                }
                if isStopping() { continue }
                for message in rest { group.addTask { await self.lane(Lock([message])) } }
            }
            return fastest
        }
    }

    /// What one after the other came to.
    private struct Lane: Sendable {
        var fastest: Duration?
        var isStuck = false

        func faster(than other: Duration?) -> Duration? {
            guard let fastest, let other else { return fastest ?? other }
            return min(fastest, other)
        }
    }

    private func lane(_ left: Lock<ArraySlice<Message>>) async -> Lane {
        var lane = Lane()
        while let message = left.withLock({ $0.popFirst() }) {
            switch await delete(message) {
            case .answered(let elapsed): lane.fastest = lane.faster(than: elapsed)
            case .unanswered:
                lane.isStuck = true
                return lane
            }
        }
        return lane
    }
}
