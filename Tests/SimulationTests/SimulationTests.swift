import Glibc
import SpoolPrimitives
import Testing

/// The engine against the promises, in schedules of files, faults, crashes and notifications that are drawn from a seed.
///
/// `KUSTO_SPOOL_SIM_SCHEDULES=n` runs more of them, `KUSTO_SPOOL_SIM_SEED=n` one alone, with `KUSTO_SPOOL_SIM_KEEP=i,j,…` only these of its
/// decisions; then its whole trace is printed.
@Suite(.serialized) struct SimulationTests {
    static func setting(_ name: String) -> String? { getenv("KUSTO_SPOOL_SIM_\(name)").map { String(cString: $0) } }

    private static let threads = 2

    @Test("every schedule keeps every promise")
    func promises() async throws {
        if let seed = Self.setting("SEED").flatMap({ UInt64($0) }) {
            await Self.replay(seed)
            return
        }
        let count = Self.setting("SCHEDULES").flatMap { Int($0) }
        let first = Self.setting("FIRST").flatMap { UInt64($0) } ?? RandomSource.system.next() >> 16
        let campaign = Campaign(first: first, count: count ?? .max, atMost: count == nil ? .seconds(22) : .seconds(1 << 30))
        await withTaskGroup { group in
            for index in 0..<Self.threads { group.addTask { await campaign.run(thread: index) } }
        }
        print("simulation: \(campaign.summary)")
        for failure in campaign.failures { Issue.record("\(failure)") }
        #expect(campaign.schedules > 10)
    }

    private static func replay(_ seed: UInt64) async {
        var schedule = Schedule(seed: seed)
        if let kept = setting("KEEP") { schedule = schedule.keeping(kept.split(separator: ",").compactMap { Int($0) }) }
        let sabotage = setting("SABOTAGE").flatMap(Sabotage.init(rawValue:))
        let result = await onOwnThread { [schedule] in schedule.run(sabotage: sabotage) }
        print("settings \(schedule.settings)")
        for (index, decision) in schedule.decisions.enumerated() where schedule.kept.contains(index) {
            print("decision \(index) \(decision)")
        }
        for line in result.trace { print(line) }
        for failure in result.failures { Issue.record("\(failure)") }
    }
}

/// Runs a world on a thread of its own.
func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    let pool = WorkerPool(name: "simulation", threads: 1)
    defer { pool.close() }
    return await pool.run(body)
}
