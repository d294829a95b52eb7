import IngestionEngine
import Ledger
import SpoolTestSupport
import SystemTestSupport
import Testing

/// protocol.md §3 under SIGKILL: at every named point, in place of every k-th durable system call, and at any instant, the process ends, and the next start
/// brings every file to its one verdict.
@Suite(.serialized) struct CrashMatrixTests {
    /// How many systems run at a time: more than the machine's cores, since each of them waits most of the time.
    private static let width = Matrix.isLong ? 8 : 6

    /// Hits that each point and each state needs before a run says anything about it.
    private static let leastHits = Matrix.isLong ? 20 : 1

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

    /// What the sources of a short run can be waiting for when it is killed.
    private static let states: [Work] = [.fresh, .deferred, .ambiguous, .posting, .awaitingVerdict, .held, .disposal, .resting]

    @Test("killed anywhere, nothing is lost, no verdict is missing, and every duplicate was announced")
    func anywhere() async throws {
        var random = SeededRandom.replayable("crash matrix")
        let files = CrashFiles(&random)
        let (calls, took) = try await quietRun(files)
        #expect(calls > 100, "a run makes \(calls) durable calls: the counter does not see them")
        let cases =
            pointKills(&random) + callKills(&random, of: calls) + instantKills(&random, within: took) + doubleKills(&random, of: calls)
        let waits = waitingKills(&random).map { (kills: $0, travels: Travels.alone) }
        let alone = cases.map { kills -> (kills: [Kill], travels: Travels) in
            // A point's n-th time comes in a run of sources that have one file each.
            if case .point? = kills.first, kills.count == 1 { return (kills, .alone) }
            return (kills, Travels.draw(&random))
        }
        let all = waits + alone + wholeKills(&random)
        let outcomes = await sideBySide(all, atMost: Self.width) { await Self.judged($0.kills, files, $0.travels) }.compactMap(\.self)
        #expect(outcomes.count == all.count)
        try judge(outcomes)
    }

    // MARK: - Kills

    private func pointKills(_ random: inout SeededRandom) -> [[Kill]] {
        let rounds = Matrix.isLong ? 12 : 1
        return (0..<rounds).flatMap { _ in
            Self.points.flatMap { point in (Self.occurrences(of: point) ?? 1...1).map { [Kill.point(point, occurrence: $0)] } }
        }
    }

    /// Every k-th call of a run, from a place that the seed draws.
    private func callKills(_ random: inout SeededRandom, of calls: Int) -> [[Kill]] {
        let wanted = Matrix.isLong ? 300 : 24
        let step = max(1, calls / wanted)
        let kills = stride(from: 1 + Int.random(in: 0..<step, using: &random), through: calls, by: step).map { [Kill.call($0)] }
        return Array(kills.prefix(wanted))
    }

    private func instantKills(_ random: inout SeededRandom, within took: Duration) -> [[Kill]] {
        let limit = Int(took / .microseconds(1))
        return (0..<(Matrix.isLong ? 160 : 8)).map { _ in [Kill.instant(microseconds: .random(in: 1000..<limit, using: &random))] }
    }

    /// The first kill leaves work for the second: it comes early.
    private func doubleKills(_ random: inout SeededRandom, of calls: Int) -> [[Kill]] {
        (0..<(Matrix.isLong ? 80 : 6)).map { _ in
            let early: [EngineHooks.Point] = [.filesClaimed, .claimCommitted, .uploaded, .postingCommitted, .posted, .queuedCommitted]
            let first = Kill.point(early.randomElement(using: &random) ?? .posted, occurrence: 1)
            return [first, .call(.random(in: 1...calls / 3, using: &random))]
        }
    }

    /// At each point, the first time that files come there together.
    private func wholeKills(_ random: inout SeededRandom) -> [(kills: [Kill], travels: Travels)] {
        (0..<(Matrix.isLong ? 4 : 1)).flatMap { _ in
            Self.points.map { point in
                ([Kill.point(point, occurrence: 1)], .coalesced(files: 1000, wait: [50, 300].randomElement(using: &random) ?? 50))
            }
        }
    }

    /// While files wait for an operator, which some do from the first seconds on.
    private func waitingKills(_ random: inout SeededRandom) -> [[Kill]] {
        (0..<(Matrix.isLong ? 48 : 4)).map { _ in [Kill.wait(microseconds: .random(in: 2_000_000..<9_000_000, using: &random))] }
    }

    // MARK: - Runs

    /// How many durable calls the daemon makes for these files when nobody kills it, and how long it takes.
    private func quietRun(_ files: CrashFiles) async throws -> (calls: Int, took: Duration) {
        try await CrashScenario.with { system in
            files.dropFirst(into: system)
            files.dropInMidRun(into: system)
            let clock = ContinuousClock()
            let began = clock.now
            let ((), _) = try await system.runningProgram(environment: CountedCalls().environment(in: system.directory)) { _, pool in
                _ = try await JournalEvents.wait(for: "the verdicts of all", in: system.journalPath, on: pool) {
                    $0.verdicts.count == files.count - 2
                }
            }
            return (try CountedCalls.counted(in: system.directory).calls, clock.now - began)
        }
    }

    private static func judged(_ kills: [Kill], _ files: CrashFiles, _ travels: Travels) async -> CrashScenario.Outcome? {
        do {
            if case .wait = kills[0] { return try await WaitingScenario(kill: kills[0]).run() }
            return try await CrashScenario(kills: kills, files: files, travels: travels).run()
        } catch {
            Issue.record("\(kills), \(travels): \(error)")
            return nil
        }
    }

    // MARK: - The matrix

    private func judge(_ outcomes: [CrashScenario.Outcome]) throws {
        let hits = outcomes.flatMap(\.hits)
        let counted = hits.filter(\.counts)
        let all = outcomes.map(\.judgement).reduce(CrashOracle.Judgement(), +)
        var matrix = Matrix(
            "crash-points",
            caption: """
                \(counted.count) kills by SIGKILL with an unsettled source about, of \(hits.count) in all. Files \(all.files), verdicts \(all.verdicts), lost \
                \(all.lost); messages ingested more than once \(all.duplicates), repeats announced \(all.announced); rows compared \(all.rows).
                """,
            columns: ["killed at", "kills"] + Self.states.map { "\($0)" })
        for kind in Set(counted.map(\.kill.kind)).sorted() {
            let at = counted.filter { $0.kill.kind == kind }
            matrix.add([kind, "\(at.count)"] + Self.states.map { state in "\(at.count { ($0.states[state] ?? 0) > 0 })" })
        }
        matrix.add(["all", "\(counted.count)"] + Self.states.map { state in "\(counted.count { ($0.states[state] ?? 0) > 0 })" })
        try matrix.publish()

        #expect(all.lost == 0 && all.verdicts == all.files)
        for point in Self.points {
            let count = counted.count { if case .point(point, _) = $0.kill { true } else { false } }
            #expect(count >= Self.leastHits, "\(point) was hit \(count) times")
        }
        for state in Self.states {
            let count = counted.count { ($0.states[state] ?? 0) > 0 }
            // A state that lasts for milliseconds is met by chance; the long form meets each of them often enough.
            if Matrix.isLong { #expect(count >= Self.leastHits, "\(state) was hit \(count) times") }
        }
        // Without an ambiguous post a run has nothing to say about the one step that a crash can repeat.
        #expect(counted.contains { ($0.states[.ambiguous] ?? 0) > 0 || ($0.states[.posting] ?? 0) > 0 })
        if Matrix.isLong { #expect(counted.count >= 1000) }
    }
}
