import KustoIngest
import ServiceLifecycle

/// Keeps the resource snapshot fresh as long as the daemon runs.
struct SnapshotService: Service {
    let snapshots: ResourceSnapshotStore

    func run() async throws {
        await cancelWhenGracefulShutdown { [snapshots] in await snapshots.run() }
    }
}
