import IngestionEngine
import Ledger
import SpoolTestSupport
import Testing

/// protocol.md §3 under SIGKILL: at every named point the process ends, and the next start brings every file to its one verdict.
@Suite(.serialized) struct CrashPointTests {
    /// How many systems run at a time: more than the machine's cores, since each of them waits most of the time.
    private static let width = 4

    /// The points of every file's way.
    private static let points = EngineHooks.Point.allCases.filter { occurrences(of: $0) != nil }

    /// A point comes as often as there are batches at it in a short run; nil for those that are no part of every file's way, and have crash tests
    /// of their own or need none.
    private static func occurrences(of point: EngineHooks.Point) -> ClosedRange<Int>? {
        switch point {
        case .filesClaimed, .claimCommitted, .journalAppended, .journalDrained: 1...3
        case .uploaded, .postingCommitted, .posted, .queuedCommitted: 1...4
        case .notificationRead, .verdictCommitted, .notificationDeleted, .disposalFound, .fileDisposed, .disposalCommitted: 1...2
        case .changedFileKept, .donePurged: nil
        }
    }

    @Test("killed at any point, nothing is lost, no verdict is missing, and every duplicate was announced")
    func everyPoint() async throws {
        var random = SeededRandom.replayable("crash points")
        let cases = Self.points.flatMap { point in
            (Self.occurrences(of: point) ?? 1...1).map { [CrashScenario.Kill(point: point, occurrence: $0)] }
        }
        let hits = try await run(cases, CrashFiles(&random), "crash points")
        for point in Self.points {
            let counted = hits.filter { $0.kill.point == point && $0.unsettled > 0 }
            #expect(counted.count == Self.occurrences(of: point)?.count, "\(point) was hit \(counted.count) times with a source about")
        }
    }

    @Test("killed twice in a row, at points drawn by the seed, it is the same")
    func twice() async throws {
        var random = SeededRandom.replayable("two crashes in a row")
        // The first kill leaves work for the second: points late in a run may have none left.
        let early: [EngineHooks.Point] = [.filesClaimed, .claimCommitted, .uploaded, .postingCommitted, .posted, .queuedCommitted]
        let cases = (0..<8).map { _ in
            let first = CrashScenario.Kill(point: early.randomElement(using: &random) ?? .posted, occurrence: 1)
            let second = Self.points.filter { $0 != .filesClaimed && $0 != .claimCommitted }
            return [first, CrashScenario.Kill(point: second.randomElement(using: &random) ?? .posted, occurrence: 1)]
        }
        let hits = try await run(cases, CrashFiles(&random), "two crashes in a row")
        #expect(hits.count == 16 && hits.allSatisfy { $0.unsettled > 0 })
    }

    /// Runs the cases, a few at a time, and prints what the kills interrupted.
    private func run(_ cases: [[CrashScenario.Kill]], _ files: CrashFiles, _ title: String) async throws -> [CrashScenario.Hit] {
        var hits: [CrashScenario.Hit] = []
        await withTaskGroup(of: [CrashScenario.Hit].self) { group in
            var waiting = cases[...]
            for _ in 0..<Self.width { if let next = waiting.popFirst() { group.addTask { await Self.judged(next, files) } } }
            for await done in group {
                hits += done
                if let next = waiting.popFirst() { group.addTask { await Self.judged(next, files) } }
            }
        }
        print(Self.table(hits, title))
        return hits
    }

    private static func judged(_ kills: [CrashScenario.Kill], _ files: CrashFiles) async -> [CrashScenario.Hit] {
        do {
            return try await CrashScenario(kills: kills, files: files).run()
        } catch {
            Issue.record("\(kills): \(error)")
            return []
        }
    }

    private static func table(_ hits: [CrashScenario.Hit], _ title: String) -> String {
        var lines = ["\(title): \(hits.count) kills"]
        for point in points {
            let at = hits.filter { $0.kill.point == point }
            if at.isEmpty { continue }
            let states = at.reduce(into: [Work: Int]()) { $0.merge($1.states, uniquingKeysWith: +) }
            let interrupted = states.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            lines.append(
                "  \(point.rawValue): \(at.count) kills; sources then: \(interrupted.isEmpty ? "claimed without rows" : interrupted)")
        }
        return lines.joined(separator: "\n")
    }
}
