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
    private var resources: [Pool: [StorageResource]] = [:]
    private var passes: [Pool: [StorageResource]] = [:]
    private var random: RandomSource

    package init(random: RandomSource = .system) { self.random = random }

    /// Deals from this snapshot from now on. What is known of accounts that remain, remains.
    package mutating func adopt(_ snapshot: ResourceSnapshot, at now: Duration) {
        resources = [.containers: snapshot.containers, .queues: snapshot.ingestionQueues]
        passes = [:]
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
        let valid = (resources[pool] ?? []).filter { $0.isValid(at: serverTime) }
        guard !valid.isEmpty else { return nil }
        let lasting = pool == .containers ? valid.filter { $0.isValid(at: serverTime + ResourceSnapshot.leastContainerLife) } : valid
        if tried.isEmpty { return nextOfPass(pool, lasting.isEmpty ? valid : lasting, at: now) }
        let accounts = Set(tried.map(\.account))
        let identities = Set(tried.map(\.identity))
        let order = interleaved(lasting, at: now) + interleaved(valid.filter { !lasting.contains($0) }, at: now)
        return order.first { !accounts.contains($0.account) } ?? order.first { !identities.contains($0.identity) }
            ?? order[tried.count % order.count]
    }

    /// Counts an attempt for the account's rank. Only what says something of the account is to be counted: not a file that could not be read.
    package mutating func record(_ resource: StorageResource, succeeded: Bool, at now: Duration) {
        ranking.record(resource.account, succeeded: succeeded, at: now)
    }

    /// The accounts and their ranks, for `status`.
    package func ranks(at now: Duration) -> [(account: StorageAccountKey, rank: Double)] {
        Set(resources.values.joined().map(\.account)).sorted().map { ($0, ranking.rank(of: $0, at: now)) }
    }

    private mutating func nextOfPass(_ pool: Pool, _ valid: [StorageResource], at now: Duration) -> StorageResource? {
        let best = valid.map { ranking.tier(of: $0.account, at: now) }.min()
        var pass = passes[pool] ?? []
        defer { passes[pool] = pass }
        while true {
            if pass.isEmpty {
                pass = interleaved(valid.filter { ranking.tier(of: $0.account, at: now) == best }, at: now).reversed()
            }
            // An account may have sunk, or a signature expired, since the pass was drawn.
            guard let resource = pass.popLast() else { return nil }
            if ranking.tier(of: resource.account, at: now) == best, valid.contains(resource) { return resource }
        }
    }

    /// One resource per account in turn, accounts in ranked order, each account's resources in the service's order.
    private mutating func interleaved(_ resources: [StorageResource], at now: Duration) -> [StorageResource] {
        let groups = Dictionary(grouping: resources, by: \.account)
        let order = ranking.ordered(at: now, using: &random).compactMap { groups[$0] }
        let longest = order.map(\.count).max() ?? 0
        return (0..<longest).flatMap { index in order.compactMap { index < $0.count ? $0[index] : nil } }
    }
}
