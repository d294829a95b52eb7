/// Which storage accounts work at present, by the rule that all the service's SDKs share.
///
/// Six buckets of ten seconds count successes; the newest weighs six, the oldest one; no data counts as perfect. Accounts fall into tiers at 90, 70, 30
/// and 0 %, and stand in random order within theirs. Source: reference: kusto-queued-ingestion §3.
///
/// One thing differs: the SDKs let buckets age only when they log, so that an account which nobody uses any more keeps its bad name for ever. Here
/// a minute without a log is no data.
package struct StorageAccountRanking: Sendable {
    package static let buckets = 6
    package static let bucketDuration: Duration = .seconds(10)
    /// Least percentage of each tier, best tier first.
    package static let tiers: [Double] = [90, 70, 30, 0]

    private var histories: [StorageAccountKey: History] = [:]

    package init() {}

    /// Sets the accounts that exist: new ones begin without data, known ones keep their history, vanished ones are forgotten.
    package mutating func register(_ accounts: Set<StorageAccountKey>, at now: Duration) {
        histories = histories.filter { accounts.contains($0.key) }
        for account in accounts where histories[account] == nil { histories[account] = History(now) }
    }

    /// Counts one attempt. An account that is not registered is not counted.
    package mutating func record(_ account: StorageAccountKey, succeeded: Bool, at now: Duration) {
        histories[account]?.record(succeeded, at: now)
    }

    /// Between 0 and 1; 1 for an account without data.
    package func rank(of account: StorageAccountKey, at now: Duration) -> Double { histories[account]?.rank(at: now) ?? 1 }

    /// The tier of an account: 0 is the best.
    package func tier(of account: StorageAccountKey, at now: Duration) -> Int {
        // 0.7 × 6 ÷ 6 is less than 0.7 in binary: what is 70 % on paper is to be 70 %.
        let percent = rank(of: account, at: now) * 100 + 1e-9
        return Self.tiers.firstIndex { percent >= $0 } ?? Self.tiers.count - 1
    }

    /// All accounts, best tier first, shuffled within each.
    package func ordered(at now: Duration, using random: inout some RandomNumberGenerator) -> [StorageAccountKey] {
        var tiers = [[StorageAccountKey]](repeating: [], count: Self.tiers.count)
        // Sorted, since a dictionary's order is random by itself and would spoil an injected generator.
        for account in histories.keys.sorted() { tiers[tier(of: account, at: now)].append(account) }
        return tiers.flatMap { $0.shuffled(using: &random) }
    }

    private struct History: Sendable {
        private var counts = [(succeeded: Int, total: Int)](repeating: (0, 0), count: StorageAccountRanking.buckets)
        private var current = 0
        private var lastUpdate: Duration

        init(_ now: Duration) { lastUpdate = now }

        mutating func record(_ succeeded: Bool, at now: Duration) {
            let elapsed = now - lastUpdate
            if elapsed >= StorageAccountRanking.bucketDuration {
                // The remainder of the division is lost, as in the SDKs.
                lastUpdate = now
                for _ in 0..<Int(min(elapsed / StorageAccountRanking.bucketDuration, Double(StorageAccountRanking.buckets))) {
                    current = (current + 1) % StorageAccountRanking.buckets
                    counts[current] = (0, 0)
                }
            }
            counts[current].total += 1
            if succeeded { counts[current].succeeded += 1 }
        }

        func rank(at now: Duration) -> Double {
            if now - lastUpdate >= StorageAccountRanking.bucketDuration * StorageAccountRanking.buckets { return 1 }
            var weighted = 0.0
            var weights = 0.0
            for weight in 1...StorageAccountRanking.buckets {
                let bucket = counts[(current + weight) % StorageAccountRanking.buckets]
                if bucket.total == 0 { continue }
                weighted += Double(bucket.succeeded) / Double(bucket.total) * Double(weight)
                weights += Double(weight)
            }
            return weights == 0 ? 1 : weighted / weights
        }
    }
}
