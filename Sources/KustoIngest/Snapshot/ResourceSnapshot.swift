package import KustoWire
package import SpoolPrimitives

/// What the service lent us at one moment: swapped whole, never mended (protocol.md §3: the SAS and the token of a message are of one snapshot).
package final class ResourceSnapshot: Sendable {
    package let containers: [StorageResource]
    package let ingestionQueues: [StorageResource]
    package let successQueues: [StorageResource]
    package let failureQueues: [StorageResource]
    package let statusTables: [StorageResource]
    package let identityToken: Secret
    package let moment: Moment
    /// Rows of the reply that were of no use, in words.
    package let skipped: [String]

    /// When a snapshot was fetched, by three clocks.
    package struct Moment: Sendable, Hashable {
        /// Our monotonic clock: what ages are measured by.
        package var monotonic: Duration
        package var wall: Timestamp
        /// The service's clock, from its Date header: what expiry is judged by. Our own where the reply had none.
        package var server: Timestamp

        package init(monotonic: Duration, wall: Timestamp, server: Timestamp?) {
            self.monotonic = monotonic
            self.wall = wall
            self.server = server ?? wall
        }
    }

    /// Sorts resources by their kind.
    ///
    /// - Throws: where nothing could be uploaded or posted. Notification queues and status tables may be absent: reports then do not arrive,
    ///   but data does (reference: kusto-queued-ingestion §1.5).
    package init(_ list: IngestionResourceList, identityToken: Secret, moment: Moment) throws(ResourceSnapshotError) {
        func of(_ kind: IngestionResourceKind) -> [StorageResource] {
            list.resources.filter { $0.kind == kind }.map(StorageResource.init)
        }
        containers = of(.tempStorage)
        ingestionQueues = of(.securedReadyForAggregationQueue)
        successQueues = of(.successfulIngestionsQueue)
        failureQueues = of(.failedIngestionsQueue)
        statusTables = of(.ingestionsStatusTable)
        self.identityToken = identityToken
        self.moment = moment
        skipped = list.skipped
        if containers.isEmpty { throw .noContainers }
        if ingestionQueues.isEmpty { throw .noQueues }
    }

    /// The queues that notifications are read from.
    package var notificationQueues: [StorageResource] { successQueues + failureQueues }

    package var all: [StorageResource] { containers + ingestionQueues + notificationQueues + statusTables }

    /// How far the service's clock is ahead of our wall clock, to the second that its header has.
    package var clockOffset: Duration { moment.server - moment.wall }

    /// The service's clock now; carried on by our monotonic clock, which nobody sets.
    package func serverTime(at monotonicNow: Duration) -> Timestamp { moment.server + (monotonicNow - moment.monotonic) }

    /// The first end of a signature, by the service's clock; nil where none says.
    package var nearestExpiry: Timestamp? { all.compactMap(\.expiry).min() }

    /// Whether a file can still be uploaded and its message posted at an instant of the service's clock.
    package func isUsable(at serverTime: Timestamp) -> Bool {
        containers.contains { $0.isValid(at: serverTime) } && ingestionQueues.contains { $0.isValid(at: serverTime) }
    }

    /// A blob's signature rides in its message and must outlive the service's backlog: a container that is lent for less is only used where none is lent
    /// for longer (protocol.md §3; reference: kusto-queued-ingestion §10.1).
    package static let leastContainerLife: Duration = .seconds(4 * 3600)

    /// Whether a container's signature ends so soon that a blob in it had better be uploaded anew to another.
    ///
    /// Where no container is lent for longer that would not help, and would go on for ever: then only a signature that has ended counts.
    package func isOutlived(_ container: StorageResource, at serverTime: Timestamp) -> Bool {
        if container.isValid(at: serverTime + Self.leastContainerLife) { return false }
        return !container.isValid(at: serverTime) || containers.contains { $0.isValid(at: serverTime + Self.leastContainerLife) }
    }

    /// The container of that address with this snapshot's signature; nil when the service has taken it away.
    ///
    /// - Parameter identity: scheme, host and path, as ``StorageResource/identity``.
    package func container(_ identity: String) -> StorageResource? { containers.first { $0.identity == identity } }

    /// The status table of that address with this snapshot's signature; nil when the service has taken it away.
    package func statusTable(_ identity: String) -> StorageResource? { statusTables.first { $0.identity == identity } }
}

extension ResourceSnapshot: CustomStringConvertible {
    package var description: String { all.map { "\($0.kind) \($0)" }.joined(separator: ", ") }
}

/// Why an answer is no snapshot.
package enum ResourceSnapshotError: Error, Sendable, Hashable {
    case noContainers
    case noQueues
}

extension ResourceSnapshotError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noContainers: "the service lent no container (TempStorage)"
        case .noQueues: "the service lent no ingestion queue (SecuredReadyForAggregationQueue)"
        }
    }
}

extension ManagementClient {
    /// Fetches resources and identity token, which belong together.
    package func fetchSnapshot(on time: any TimeSource) async throws(ManagementError) -> ResourceSnapshot {
        let resources = try await execute(.ingestionResources)
        let list: IngestionResourceList
        do {
            list = try IngestionResourceList(decoding: resources.response)
        } catch {
            throw failure(of: .ingestionResources, .reply(error))
        }
        let token = try await execute(.identityToken)
        let moment = ResourceSnapshot.Moment(
            monotonic: time.monotonicNow, wall: time.wallNow, server: token.serverDate ?? resources.serverDate)
        let identityToken: Secret
        do {
            identityToken = try token.response.identityToken()
        } catch {
            throw failure(of: .identityToken, .reply(error))
        }
        do {
            return try ResourceSnapshot(list, identityToken: identityToken, moment: moment)
        } catch {
            throw failure(of: .ingestionResources, .resources(error))
        }
    }
}
