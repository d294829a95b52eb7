import KustoIngest
import KustoWire
import SpoolPrimitives
import Testing

@Suite struct ResourceRotationTests {
    private static let now = Timestamp(seconds: 1_767_225_600)

    private static func rotation(_ accounts: [(containers: Int, queues: Int)], seed: UInt64 = 1, expiry: String? = nil) throws
        -> ResourceRotation
    {
        var rotation = ResourceRotation(random: .seeded(seed))
        rotation.adopt(try Fixtures.snapshot(accounts: accounts, expiry: expiry), at: .zero)
        return rotation
    }

    private static func next(
        _ rotation: inout ResourceRotation, _ pool: ResourceRotation.Pool = .containers, excluding tried: [StorageResource] = []
    ) -> StorageResource? {
        rotation.next(pool, excluding: tried, at: .zero, serverTime: now)
    }

    @Test("a pass gives every container once, one account after the other", arguments: 0..<20)
    func passes(seed: UInt64) throws {
        var rotation = try Self.rotation([(2, 1), (2, 1), (2, 1)], seed: seed)
        for _ in 0..<10 {
            let pass = (0..<6).compactMap { _ in Self.next(&rotation) }
            #expect(Set(pass).count == 6)
            #expect(Set(pass[..<3].map(\.account)).count == 3)
            #expect(Set(pass[3...].map(\.account)).count == 3)
            // The service's order within an account.
            #expect(pass[..<3].allSatisfy { $0.identity.hasSuffix("/c0") })
        }
    }

    @Test("accounts with unequal numbers are interleaved as far as they go, and nothing is dealt twice in a pass")
    func unequal() throws {
        var rotation = try Self.rotation([(1, 1), (5, 1)])
        for _ in 0..<5 { #expect(Set((0..<6).compactMap { _ in Self.next(&rotation)?.identity }).count == 6) }
    }

    @Test("containers and queues are dealt from separate packs")
    func pools() throws {
        var rotation = try Self.rotation([(1, 2), (1, 2)])
        #expect(Set((0..<4).compactMap { _ in Self.next(&rotation, .queues)?.identity }).count == 4)
        #expect(Self.next(&rotation, .containers)?.kind == .tempStorage)
        #expect(Self.next(&rotation, .queues)?.kind == .securedReadyForAggregationQueue)
    }

    @Test("another attempt goes to another account while there is one, then to another container, then anywhere", arguments: 0..<20)
    func attempts(seed: UInt64) throws {
        var three = try Self.rotation([(2, 1), (2, 1), (2, 1)], seed: seed)
        var tried: [StorageResource] = []
        for _ in 0..<ResourceRotation.attempts { tried.append(try #require(Self.next(&three, excluding: tried))) }
        #expect(Set(tried.map(\.account)).count == 3)

        var one = try Self.rotation([(2, 1)], seed: seed)
        tried = []
        for _ in 0..<ResourceRotation.attempts { tried.append(try #require(Self.next(&one, excluding: tried))) }
        #expect(Set(tried).count == 2)

        var single = try Self.rotation([(1, 1)], seed: seed)
        tried = []
        for _ in 0..<ResourceRotation.attempts { tried.append(try #require(Self.next(&single, excluding: tried))) }
        #expect(Set(tried).count == 1)
    }

    @Test("an account that fails gets no first attempts, also in the midst of a pass, and gets them again when its failures are old")
    func badAccount() throws {
        var rotation = try Self.rotation([(3, 1), (3, 1)])
        let bad = try #require(Self.next(&rotation))
        rotation.record(bad, succeeded: false, at: .zero)
        for _ in 0..<20 { #expect(Self.next(&rotation)?.account != bad.account) }
        let good = try #require(Self.next(&rotation))
        #expect(Self.next(&rotation, excluding: [good])?.account == bad.account)
        // The failures of a container count for its account's queues.
        for _ in 0..<20 { #expect(Self.next(&rotation, .queues)?.account != bad.account) }
        #expect(rotation.ranks(at: .zero).map(\.rank).sorted() == [0, 1])
        let later = (0..<6).compactMap { _ in rotation.next(.containers, at: .seconds(61), serverTime: Self.now)?.account }
        #expect(later.contains(bad.account))
    }

    @Test("when all accounts fail, all are tried again")
    func allBad() throws {
        var rotation = try Self.rotation([(1, 1), (1, 1)])
        for _ in 0..<2 { rotation.record(try #require(Self.next(&rotation)), succeeded: false, at: .zero) }
        #expect(Set((0..<2).compactMap { _ in Self.next(&rotation)?.account }).count == 2)
    }

    @Test("a new snapshot deals its own resources and keeps what is known of the accounts")
    func adopts() throws {
        var rotation = try Self.rotation([(1, 1), (1, 1)])
        let bad = try #require(Self.next(&rotation))
        rotation.record(bad, succeeded: false, at: .zero)
        rotation.adopt(try Fixtures.snapshot(accounts: [(2, 1), (2, 1), (2, 1)]), at: .seconds(1))
        for _ in 0..<20 { #expect(Self.next(&rotation)?.account != bad.account) }
        #expect(rotation.ranks(at: .zero).count == 3)
    }

    @Test("nothing is dealt without a snapshot, and no signature that has expired")
    func expired() throws {
        var none = ResourceRotation(random: .seeded(1))
        #expect(Self.next(&none) == nil)
        var rotation = try Self.rotation([(2, 1)], expiry: "2026-01-01T00:00:01Z")
        #expect(Self.next(&rotation) != nil)
        #expect(rotation.next(.containers, at: .zero, serverTime: Self.now + .seconds(1)) == nil)
        #expect(rotation.next(.containers, excluding: [], at: .zero, serverTime: Self.now) != nil)
    }

    @Test("a container that is lent for less than four hours is used where none is lent for longer")
    func dyingContainers() throws {
        func rotation(_ containers: [(String, String)]) throws -> ResourceRotation {
            let rows = containers.map { ("TempStorage", "https://\($0.0).blob.core.windows.net/c?se=\($0.1)&sig=x") }
            let queue = ("SecuredReadyForAggregationQueue", "https://q.queue.core.windows.net/q?sig=x")
            let response = try ManagementResponse(decoding: Array(Fixtures.resources(rows + [queue]).utf8))
            var rotation = ResourceRotation(random: .seeded(1))
            rotation.adopt(
                try ResourceSnapshot(
                    IngestionResourceList(decoding: response), identityToken: Secret("t"),
                    moment: ResourceSnapshot.Moment(monotonic: .zero, wall: Self.now, server: Self.now)), at: .zero)
            return rotation
        }
        var mixed = try rotation([("dying", "2026-01-01T03:59:59Z"), ("lasting", "2026-01-01T04:00:01Z"), ("dead", "2025-12-31")])
        for _ in 0..<10 { #expect(Self.next(&mixed)?.identity == "https://lasting.blob.core.windows.net/c") }
        let first = try #require(Self.next(&mixed))
        #expect(Self.next(&mixed, excluding: [first])?.identity == "https://dying.blob.core.windows.net/c")
        var dying = try rotation([("dying", "2026-01-01T03:00:00Z"), ("dead", "2025-12-31")])
        #expect(Self.next(&dying)?.identity == "https://dying.blob.core.windows.net/c")
    }

    @Test("over time every container of the good accounts gets its share")
    func fairness() throws {
        var rotation = try Self.rotation([(3, 1), (3, 1), (3, 1), (3, 1)])
        var counts: [String: Int] = [:]
        for _ in 0..<1200 { counts[try #require(Self.next(&rotation)).identity, default: 0] += 1 }
        #expect(counts.count == 12)
        #expect(counts.values.allSatisfy { $0 == 100 })
    }
}
