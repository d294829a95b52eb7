import KustoIngest
import SpoolPrimitives
import Testing

@Suite struct RefreshScheduleTests {
    /// Without jitter, so that the numbers are those of the table.
    private static var policy: RefreshSchedule.Policy {
        var policy = RefreshSchedule.Policy()
        policy.jitter = 0
        return policy
    }

    private static let random = RandomSource.seeded(1)

    private static func fresh(life: Duration? = nil) -> RefreshSchedule {
        var schedule = RefreshSchedule(policy: policy)
        schedule.succeeded(at: .zero, life: life, random: random)
        return schedule
    }

    @Test("the first attempt is due at once, and repeated soon while there is nothing to work with")
    func first() {
        var schedule = RefreshSchedule(policy: Self.policy)
        #expect(schedule.delay(at: .seconds(5)) == .zero)
        var now: Duration = .zero
        var delays: [Int64] = []
        for _ in 0..<9 {
            schedule.failed(at: now, random: Self.random)
            delays.append(schedule.delay(at: now).milliseconds / 1000)
            now += schedule.delay(at: now)
        }
        #expect(delays == [1, 2, 4, 8, 16, 32, 60, 60, 60])
        #expect(schedule.failures == 9)
    }

    @Test(
        "after a good refresh the next comes in an hour, or before the first signature ends",
        arguments: [
            (nil, 3600), (.seconds(12 * 3600), 3600), (.seconds(4500), 3600), (.seconds(4499), 3599), (.seconds(3600), 2700),
            (.seconds(1800), 900),
            // Signatures of less than half an hour: at half their life.
            (.seconds(1200), 600), (.seconds(60), 30), (.seconds(10), 5), (.seconds(2), 5), (.seconds(0), 5), (.seconds(-100), 5),
        ] as [(Duration?, Int)])
    func expiry(life: Duration?, seconds: Int) {
        #expect(Self.fresh(life: life).delay(at: .zero) == .seconds(seconds))
    }

    @Test("failures back off to five minutes, a success ends them")
    func backoff() {
        var schedule = Self.fresh()
        var delays: [Int64] = []
        for _ in 0..<6 {
            schedule.failed(at: .seconds(10), random: Self.random)
            delays.append(schedule.delay(at: .seconds(10)).milliseconds / 1000)
        }
        #expect(delays == [60, 120, 240, 300, 300, 300])
        for _ in 0..<100 { schedule.failed(at: .seconds(10), random: Self.random) }
        #expect(schedule.delay(at: .seconds(10)) == .seconds(300))
        schedule.succeeded(at: .seconds(20), life: nil, random: Self.random)
        #expect(schedule.failures == 0)
        schedule.failed(at: .seconds(30), random: Self.random)
        #expect(schedule.delay(at: .seconds(30)) == .seconds(60))
    }

    @Test("a server's wish is kept within reason", arguments: [(5, 60), (200, 200), (100_000, 900)])
    func retryAfter(asked: Int, seconds: Int) {
        var schedule = Self.fresh()
        schedule.failed(at: .zero, retryAfter: .seconds(asked), random: Self.random)
        #expect(schedule.delay(at: .zero) == .seconds(seconds))
    }

    @Test("a rejected signature brings the refresh forward, once a minute at most")
    func rejections() {
        var schedule = Self.fresh()
        schedule.resourceRejected(at: .seconds(10))
        #expect(schedule.delay(at: .seconds(10)) == .seconds(50))
        schedule.resourceRejected(at: .seconds(20))
        #expect(schedule.delay(at: .seconds(20)) == .seconds(40))
        schedule = Self.fresh()
        schedule.resourceRejected(at: .seconds(600))
        #expect(schedule.delay(at: .seconds(600)) == .zero)
        // It never puts a refresh off.
        schedule = Self.fresh(life: .seconds(20))
        schedule.resourceRejected(at: .seconds(1))
        #expect(schedule.delay(at: .seconds(1)) == .seconds(9))
    }

    @Test("a storm of rejections does not undo the backoff of a service that fails")
    func rejectionsDuringBackoff() {
        var schedule = Self.fresh()
        for _ in 0..<5 { schedule.failed(at: .seconds(10), random: Self.random) }
        for second in 10..<200 { schedule.resourceRejected(at: .seconds(second)) }
        #expect(schedule.delay(at: .seconds(10)) == .seconds(300))
        var none = RefreshSchedule(policy: Self.policy)
        none.failed(at: .zero, random: Self.random)
        none.resourceRejected(at: .zero)
        #expect(none.delay(at: .zero) == .seconds(1))
    }

    @Test("jitter stays within a tenth, and differs")
    func jitter() {
        let random = RandomSource.seeded(9)
        var delays: Set<Duration> = []
        for _ in 0..<1000 {
            var schedule = RefreshSchedule()
            schedule.succeeded(at: .zero, life: nil, random: random)
            let delay = schedule.delay(at: .zero)
            #expect(delay >= .seconds(3240) && delay <= .seconds(3960))
            delays.insert(delay)
        }
        #expect(delays.count > 900)
        #expect(delays.contains { $0 < .seconds(3300) } && delays.contains { $0 > .seconds(3900) })
    }
}
