package import SpoolPrimitives

/// Deals out containers and queues: round robin, interleaved over the storage accounts of the best tier, worse accounts only for another attempt.
///
/// A pass gives every resource of the best tier once, one per account in turn, in an order drawn anew for each pass. A value of the one who asks
/// (an actor); its state survives a new snapshot. Source: reference: kusto-queued-ingestion §3, without the flaw that some SDKs' "round robin" begins at
/// the same container each time.
package struct ResourceRotation: Sendable {
    /// How often a file is uploaded, or its message posted, before it is deferred: each time on another account where there are several.
    package static let attempts = 3

    package enum Pool: Sendable, Hashable, CaseIterable {
        case containers
        case queues
    }

    private var ranking = StorageAccountRanking()
    private var containers: ResourcePack?
    private var queues: ResourcePack?
    private var random: RandomSource

    package init(random: RandomSource = .system) { self.random = random }

    /// Deals from this snapshot from now on. What is known of accounts that remain, remains.
    package mutating func adopt(_ snapshot: ResourceSnapshot, at now: Duration) {
        containers = ResourcePack(snapshot.containers, leastLife: ResourceSnapshot.leastContainerLife)
        queues = ResourcePack(snapshot.ingestionQueues, leastLife: .zero)
        ranking.register(Set((snapshot.containers + snapshot.ingestionQueues).map(\.account)), at: now)
    }

    /// The resource for the next attempt; nil when no snapshot was adopted or every signature has expired.
    ///
    /// - Parameters:
    ///   - tried: what this file has already been tried on. An account that is not among it comes first, then another resource of the same
    ///     account, then any; the caller counts to ``attempts``.
    ///   - now: of the monotonic clock.
    ///   - serverTime: resources whose signature has expired by then are passed over; containers that are lent for less than
    ///     ``ResourceSnapshot/leastContainerLife`` come last.
    package mutating func next(
        _ pool: Pool, excluding tried: [StorageResource] = [], at now: Duration, serverTime: Timestamp
    ) -> StorageResource? {
        switch pool {
        case .containers: containers?.next(excluding: tried, by: ranking, using: &random, at: now, serverTime: serverTime)
        case .queues: queues?.next(excluding: tried, by: ranking, using: &random, at: now, serverTime: serverTime)
        }
    }

    /// Counts an attempt for the account's rank. Only what says something of the account is to be counted: not a file that could not be read.
    package mutating func record(_ resource: StorageResource, succeeded: Bool, at now: Duration) {
        ranking.record(resource.account, succeeded: succeeded, at: now)
    }

    /// The accounts and their ranks, for `status`.
    package func ranks(at now: Duration) -> [(account: StorageAccountKey, rank: Double)] {
        Set([containers, queues].flatMap { $0?.accounts ?? [] }).sorted().map { ($0, ranking.rank(of: $0, at: now)) }
    }
}
