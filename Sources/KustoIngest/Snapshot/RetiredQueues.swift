package import SpoolPrimitives

/// Notification queues that left the snapshot and may still hold verdicts of ours (protocol.md §5): drained until empty or until their signature dies.
/// Status tables that left it are kept in the same way.
package struct RetiredQueues: Sendable {
    /// More than this would mean a service that renames its queues at every refresh; the oldest are given up.
    package static let atMost = 64

    /// In the order in which they left.
    package private(set) var queues: [StorageResource] = []

    package init() {}

    /// Takes over what `new` lacks of `old`; a queue that comes back is not retired any more.
    package mutating func replaced(_ old: ResourceSnapshot?, by new: ResourceSnapshot) {
        replaced(old?.notificationQueues ?? [], by: new.notificationQueues, at: new.moment.server)
    }

    /// The same for the status tables of the snapshots.
    package mutating func replacedTables(_ old: ResourceSnapshot?, by new: ResourceSnapshot) {
        replaced(old?.statusTables ?? [], by: new.statusTables, at: new.moment.server)
    }

    private mutating func replaced(_ old: [StorageResource], by new: [StorageResource], at serverTime: Timestamp) {
        let current = Set(new.map(\.identity))
        queues.removeAll { current.contains($0.identity) }
        for queue in old where !current.contains(queue.identity) {
            if !queues.contains(where: { $0.identity == queue.identity }) { queues.append(queue) }
        }
        queues.removeFirst(max(queues.count - Self.atMost, 0))
        expire(at: serverTime)
    }

    /// A complete drain found the queue empty.
    package mutating func drained(_ queue: StorageResource) { queues.removeAll { $0.identity == queue.identity } }

    /// Gives up what cannot be read any more.
    package mutating func expire(at serverTime: Timestamp) { queues.removeAll { !$0.isValid(at: serverTime) } }
}
