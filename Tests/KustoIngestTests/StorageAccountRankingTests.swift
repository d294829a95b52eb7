import KustoIngest
import SpoolPrimitives
import Testing

@Suite struct StorageAccountRankingTests {
    private static func key(_ name: String) throws -> StorageAccountKey {
        StorageAccountKey(try #require(SecretURL("https://\(name).blob.core.windows.net/c")))
    }

    private static func ranking(_ names: String...) throws -> StorageAccountRanking {
        var ranking = StorageAccountRanking()
        ranking.register(Set(try names.map(key)), at: .zero)
        return ranking
    }

    @Test("no data is a perfect record")
    func noData() throws {
        let ranking = try Self.ranking("a")
        #expect(ranking.rank(of: try Self.key("a"), at: .zero) == 1)
        #expect(ranking.rank(of: try Self.key("stranger"), at: .zero) == 1)
    }

    /// The rule of the Python SDK, as the reference tells it (§3), one bucket per array element and nothing clever.
    private struct Reference {
        var buckets = Array(repeating: (success: 0, total: 0), count: 6)
        var current = 0
        var lastUpdate = 0

        mutating func log(_ success: Bool, at now: Int) {
            let delta = now - lastUpdate
            if delta >= 10 {
                let passed = min(delta / 10, 6)
                for step in 1...passed { buckets[(current + step) % 6] = (0, 0) }
                current = (current + passed) % 6
                lastUpdate = now
            }
            buckets[current].total += 1
            buckets[current].success += success ? 1 : 0
        }

        var rank: Double {
            var sum = 0.0
            var weights = 0.0
            for weight in 1...6 {
                let bucket = buckets[(current + weight) % 6]
                guard bucket.total > 0 else { continue }
                sum += Double(bucket.success) / Double(bucket.total) * Double(weight)
                weights += Double(weight)
            }
            return weights == 0 ? 1 : sum / weights
        }
    }

    @Test("ranks are those of the reference's rule, over random histories", arguments: 0..<50)
    func agreesWithReference(seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        var ranking = try Self.ranking("a")
        let account = try Self.key("a")
        var reference = Reference()
        var now = 0
        for _ in 0..<200 {
            now += Int.random(in: 0...25, using: &random)
            let succeeded = Bool.random(using: &random)
            ranking.record(account, succeeded: succeeded, at: .seconds(now))
            reference.log(succeeded, at: now)
            let rank = ranking.rank(of: account, at: .seconds(now))
            #expect(rank == reference.rank)
            #expect(!rank.isNaN && (0...1).contains(rank))
        }
    }

    @Test("the newest ten seconds weigh six times the oldest")
    func weights() throws {
        var ranking = try Self.ranking("a")
        let account = try Self.key("a")
        for second in stride(from: 10, through: 60, by: 10) { ranking.record(account, succeeded: second != 60, at: .seconds(second)) }
        #expect(ranking.rank(of: account, at: .seconds(60)) == 15.0 / 21.0)
        ranking.record(account, succeeded: true, at: .seconds(60))
        #expect(ranking.rank(of: account, at: .seconds(60)) == 18.0 / 21.0)
    }

    @Test("a minute without data is no data: no account keeps a bad name for ever")
    func forgives() throws {
        var ranking = try Self.ranking("a")
        let account = try Self.key("a")
        ranking.record(account, succeeded: false, at: .seconds(1))
        #expect(ranking.rank(of: account, at: .seconds(59)) == 0)
        #expect(ranking.rank(of: account, at: .seconds(60)) == 1)
        ranking.record(account, succeeded: false, at: .seconds(100))
        #expect(ranking.rank(of: account, at: .seconds(100)) == 0)
    }

    @Test("tiers begin at 90, 70, 30 and 0 percent", arguments: [(10, 0), (9, 0), (8, 1), (7, 1), (6, 2), (3, 2), (2, 3), (0, 3)])
    func tiers(successes: Int, tier: Int) throws {
        var ranking = try Self.ranking("a")
        let account = try Self.key("a")
        for attempt in 0..<10 { ranking.record(account, succeeded: attempt < successes, at: .zero) }
        #expect(ranking.tier(of: account, at: .zero) == tier)
    }

    @Test("accounts stand by tier, and in a drawn order within each")
    func order() throws {
        var ranking = try Self.ranking("a", "b", "c", "d")
        ranking.record(try Self.key("c"), succeeded: false, at: .zero)
        var random = RandomSource.seeded(5)
        var orders: Set<[String]> = []
        for _ in 0..<200 {
            let order = ranking.ordered(at: .zero, using: &random).map { String($0.name.prefix(1)) }
            #expect(order.last == "c")
            orders.insert(order)
        }
        #expect(orders.count == 6)
        var same = RandomSource.seeded(5)
        var again = RandomSource.seeded(5)
        #expect(ranking.ordered(at: .zero, using: &same) == ranking.ordered(at: .zero, using: &again))
    }

    @Test("history survives a refresh; accounts that vanished are forgotten")
    func register() throws {
        var ranking = try Self.ranking("a", "b")
        ranking.record(try Self.key("a"), succeeded: false, at: .zero)
        ranking.record(try Self.key("b"), succeeded: false, at: .zero)
        ranking.register([try Self.key("a"), try Self.key("c")], at: .seconds(1))
        #expect(ranking.rank(of: try Self.key("a"), at: .seconds(1)) == 0)
        ranking.register([try Self.key("a"), try Self.key("b")], at: .seconds(2))
        #expect(ranking.rank(of: try Self.key("b"), at: .seconds(2)) == 1)
        ranking.record(try Self.key("stranger"), succeeded: false, at: .seconds(2))
        #expect(ranking.rank(of: try Self.key("stranger"), at: .seconds(2)) == 1)
    }
}
