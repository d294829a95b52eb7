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
    private var packs: [Pool: Pack] = [:]
    private var random: RandomSource

    package init(random: RandomSource = .system) { self.random = random }

    /// Deals from this snapshot from now on. What is known of accounts that remain, remains.
    package mutating func adopt(_ snapshot: ResourceSnapshot, at now: Duration) {
        packs = [
            .containers: Pack(snapshot.containers, leastLife: ResourceSnapshot.leastContainerLife),
            .queues: Pack(snapshot.ingestionQueues, leastLife: .zero),
        ]
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
        if tried.isEmpty, let dealt = deal(pool, at: now, serverTime: serverTime) { return dealt }
        guard var pack = packs[pool] else { return nil }
        let (lasting, dying) = pack.valid(at: serverTime)
        if lasting.isEmpty, dying.isEmpty { return nil }
        if tried.isEmpty {
            defer { packs[pool] = pack }
            return nextOfPass(&pack, among: lasting.isEmpty ? dying : lasting, at: now)
        }
        let accounts = Set(tried.map(\.account))
        let identities = Set(tried.map(\.identity))
        let order = (interleaved(lasting, of: pack, at: now) + interleaved(dying, of: pack, at: now)).map { pack.resources[$0] }
        return order.first { !accounts.contains($0.account) } ?? order.first { !identities.contains($0.identity) }
            ?? order[tried.count % order.count]
    }

    /// Counts an attempt for the account's rank. Only what says something of the account is to be counted: not a file that could not be read.
    package mutating func record(_ resource: StorageResource, succeeded: Bool, at now: Duration) {
        ranking.record(resource.account, succeeded: succeeded, at: now)
    }

    /// The accounts and their ranks, for `status`.
    package func ranks(at now: Duration) -> [(account: StorageAccountKey, rank: Double)] {
        Set(packs.values.flatMap(\.accounts)).sorted().map { ($0, ranking.rank(of: $0, at: now)) }
    }

    /// The ordinary case: no signature is near its end, and the next of the pass is on an account of the best tier. Every file asks twice, so that nothing
    /// is copied or made anew for it.
    private mutating func deal(_ pool: Pool, at now: Duration, serverTime: Timestamp) -> StorageResource? {
        guard let place = packs.index(forKey: pool), packs.values[place].lasts(beyond: serverTime),
            let index = packs.values[place].pass.last
        else { return nil }
        let tier = ranking.tier(of: packs.values[place].accounts[packs.values[place].accountOf[index]], at: now)
        if tier > 0, packs.values[place].accounts.contains(where: { ranking.tier(of: $0, at: now) < tier }) { return nil }
        packs.values[place].pass.removeLast()
        return packs.values[place].resources[index]
    }

    private mutating func nextOfPass(_ pack: inout Pack, among candidates: [Int], at now: Duration) -> StorageResource? {
        let tiers = pack.accounts.map { ranking.tier(of: $0, at: now) }
        let best = candidates.map { tiers[pack.accountOf[$0]] }.min()
        while true {
            if pack.pass.isEmpty {
                pack.pass = interleaved(candidates.filter { tiers[pack.accountOf[$0]] == best }, of: pack, at: now).reversed()
            }
            // An account may have sunk, or a signature expired, since the pass was drawn.
            guard let index = pack.pass.popLast() else { return nil }
            if tiers[pack.accountOf[index]] == best, candidates.contains(index) { return pack.resources[index] }
        }
    }

    /// One resource per account in turn, accounts in ranked order, each account's resources in the service's order.
    private mutating func interleaved(_ indices: [Int], of pack: Pack, at now: Duration) -> [Int] {
        if indices.isEmpty { return [] }
        let groups = indices.count == pack.resources.count ? pack.groups : pack.grouped(indices)
        let order = ranking.ordered(at: now, using: &random).compactMap { groups[$0] }
        let longest = order.map(\.count).max() ?? 0
        return (0..<longest).flatMap { place in order.compactMap { place < $0.count ? $0[place] : nil } }
    }
}

/// The resources of one pool, by index: every file asks for one, and copying a resource counts its strings.
private struct Pack: Sendable {
    let resources: [StorageResource]
    let accounts: [StorageAccountKey]
    /// The index in `accounts` of each resource's.
    let accountOf: [Int]
    /// What is left of the pass that is being dealt, last first.
    var pass: [Int] = []
    private let leastLife: Duration
    private let firstExpiry: Timestamp?
    /// All of them by account: what every pass begins with, for as long as every signature holds.
    private(set) var groups: [StorageAccountKey: [Int]] = [:]

    init(_ resources: [StorageResource], leastLife: Duration) {
        self.resources = resources
        self.leastLife = leastLife
        let accounts = Set(resources.map(\.account)).sorted()
        let places = Dictionary(uniqueKeysWithValues: accounts.enumerated().map { ($1, $0) })
        self.accounts = accounts
        accountOf = resources.compactMap { places[$0.account] }
        firstExpiry = resources.compactMap(\.expiry).min()
        groups = grouped(Array(resources.indices))
    }

    func grouped(_ indices: [Int]) -> [StorageAccountKey: [Int]] { Dictionary(grouping: indices) { resources[$0].account } }

    /// Whether every signature holds at an instant and for long enough after it.
    func lasts(beyond serverTime: Timestamp) -> Bool { firstExpiry.map { $0 > serverTime + leastLife } ?? true }

    /// Whose signature holds at an instant and for long enough after it, and whose merely holds.
    func valid(at serverTime: Timestamp) -> (lasting: [Int], dying: [Int]) {
        let enough = serverTime + leastLife
        guard let firstExpiry, firstExpiry <= enough else { return (Array(resources.indices), []) }
        let valid = resources.indices.filter { resources[$0].isValid(at: serverTime) }
        return (valid.filter { resources[$0].isValid(at: enough) }, valid.filter { !resources[$0].isValid(at: enough) })
    }
}
