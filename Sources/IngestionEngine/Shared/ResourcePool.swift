import IngestionModel
package import KustoIngest
package import SpoolPrimitives

/// Deals out containers and queues by rank and round robin, from whatever snapshot is current.
package final class ResourcePool: Sendable {
    private let snapshots: ResourceSnapshotStore
    private let gates: AccountGates
    private let time: any TimeSource
    private let rotation: Lock<(rotation: ResourceRotation, adopted: Duration?)>

    package init(snapshots: ResourceSnapshotStore, gates: AccountGates, time: any TimeSource, random: RandomSource) {
        self.snapshots = snapshots
        self.gates = gates
        self.time = time
        rotation = Lock((ResourceRotation(random: random), nil))
    }

    /// The current snapshot and the service's time now; nil before the first snapshot.
    package var present: (snapshot: ResourceSnapshot, serverTime: Timestamp)? {
        snapshots.current.map { ($0, $0.serverTime(at: time.monotonicNow)) }
    }

    /// The next resource of a pool, preferring accounts that are not among `tried`; nil when there is none that can be used.
    package func next(_ pool: ResourceRotation.Pool, excluding tried: [StorageResource]) -> StorageResource? {
        guard let (snapshot, serverTime) = present else { return nil }
        let now = time.monotonicNow
        return rotation.withLock { state in
            if state.adopted != snapshot.moment.monotonic {
                state.rotation.adopt(snapshot, at: now)
                state.adopted = snapshot.moment.monotonic
                gates.forget(allBut: Set((snapshot.containers + snapshot.ingestionQueues).map(\.account)))
            }
            return state.rotation.next(pool, excluding: tried, at: now, serverTime: serverTime)
        }
    }

    /// Counts an attempt for the rank of the resource's account.
    package func record(_ resource: StorageResource, succeeded: Bool) {
        rotation.withLock { $0.rotation.record(resource, succeeded: succeeded, at: time.monotonicNow) }
    }

    /// Asks for a new snapshot because this resource was refused.
    package func refused(_ resource: StorageResource) async { await snapshots.reportRejected(resource) }
}
