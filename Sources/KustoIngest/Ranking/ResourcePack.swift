import SpoolPrimitives

/// The resources of one pool, and the pass that is being dealt of them: by index, since every file asks for one.
struct ResourcePack: Sendable {
    private let resources: [StorageResource]
    let accounts: [StorageAccountKey]
    /// The index in `accounts` of each resource's.
    private let accountOf: [Int]
    /// What is left of the pass that is being dealt, last first.
    private var pass: [Int] = []
    private let leastLife: Duration
    private let firstExpiry: Timestamp?
    /// All of them by account: what every pass begins with, for as long as every signature holds.
    private var groups: [StorageAccountKey: [Int]] = [:]

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

    /// See ``ResourceRotation/next(_:excluding:at:serverTime:)``.
    mutating func next(
        excluding tried: [StorageResource], by ranking: StorageAccountRanking, using random: inout RandomSource, at now: Duration,
        serverTime: Timestamp
    ) -> StorageResource? {
        if tried.isEmpty, let dealt = deal(by: ranking, at: now, serverTime: serverTime) { return dealt }
        let (lasting, dying) = valid(at: serverTime)
        if lasting.isEmpty, dying.isEmpty { return nil }
        if tried.isEmpty { return nextOfPass(among: lasting.isEmpty ? dying : lasting, by: ranking, using: &random, at: now) }
        let accounts = Set(tried.map(\.account))
        let identities = Set(tried.map(\.identity))
        let order = [lasting, dying].flatMap { interleaved($0, by: ranking, using: &random, at: now) }.map { resources[$0] }
        return order.first { !accounts.contains($0.account) } ?? order.first { !identities.contains($0.identity) }
            ?? order[tried.count % order.count]
    }

    /// The ordinary case: no signature is near its end, and the next of the pass is on an account of the best tier. Every file asks twice, so that nothing
    /// is copied or made anew for it.
    private mutating func deal(by ranking: StorageAccountRanking, at now: Duration, serverTime: Timestamp) -> StorageResource? {
        guard lasts(beyond: serverTime), let index = pass.last else { return nil }
        let tier = ranking.tier(of: accounts[accountOf[index]], at: now)
        if tier > 0, accounts.contains(where: { ranking.tier(of: $0, at: now) < tier }) { return nil }
        pass.removeLast()
        return resources[index]
    }

    private mutating func nextOfPass(
        among candidates: [Int], by ranking: StorageAccountRanking, using random: inout RandomSource, at now: Duration
    ) -> StorageResource? {
        let tiers = accounts.map { ranking.tier(of: $0, at: now) }
        let best = candidates.map { tiers[accountOf[$0]] }.min()
        while true {
            if pass.isEmpty {
                pass = interleaved(candidates.filter { tiers[accountOf[$0]] == best }, by: ranking, using: &random, at: now).reversed()
            }
            // An account may have sunk, or a signature expired, since the pass was drawn.
            guard let index = pass.popLast() else { return nil }
            if tiers[accountOf[index]] == best, candidates.contains(index) { return resources[index] }
        }
    }

    /// One resource per account in turn, accounts in ranked order, each account's resources in the service's order.
    private func interleaved(
        _ indices: [Int], by ranking: StorageAccountRanking, using random: inout RandomSource, at now: Duration
    ) -> [Int] {
        if indices.isEmpty { return [] }
        let groups = indices.count == resources.count ? groups : grouped(indices)
        let order = ranking.ordered(at: now, using: &random).compactMap { groups[$0] }
        let longest = order.map(\.count).max() ?? 0
        return (0..<longest).flatMap { place in order.compactMap { place < $0.count ? $0[place] : nil } }
    }

    private func grouped(_ indices: [Int]) -> [StorageAccountKey: [Int]] { Dictionary(grouping: indices) { resources[$0].account } }

    /// Whether every signature holds at an instant and for long enough after it.
    private func lasts(beyond serverTime: Timestamp) -> Bool { firstExpiry.map { $0 > serverTime + leastLife } ?? true }

    /// Whose signature holds at an instant and for long enough after it, and whose merely holds.
    private func valid(at serverTime: Timestamp) -> (lasting: [Int], dying: [Int]) {
        let enough = serverTime + leastLife
        guard let firstExpiry, firstExpiry <= enough else { return (Array(resources.indices), []) }
        let valid = resources.indices.filter { resources[$0].isValid(at: serverTime) }
        return (valid.filter { resources[$0].isValid(at: enough) }, valid.filter { !resources[$0].isValid(at: enough) })
    }
}
