import IngestionEngine
import KustoEmulator
import Ledger
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport

/// A spool with files that go through every state, a daemon that is killed in their midst, and its restart.
struct CrashScenario: Sendable {
    /// What a kill found.
    struct Hit: Sendable {
        var kill: Kill
        /// Whether the process died where it should have.
        var isReached: Bool
        /// Sources by what they were waiting for, when the process was gone.
        var states: [Work: Int]
        /// Files still in the root, and in `.active`.
        var files: Int

        /// Sources that had not come to their end; a claim without rows is one, too.
        var unsettled: Int { max(states.filter { $0.key != .remembered }.values.reduce(0, +), files) }
        /// A kill counts only with an unsettled source about.
        var counts: Bool { isReached && unsettled > 0 }
    }

    /// What came of one scenario.
    struct Outcome: Sendable {
        var hits: [Hit]
        var judgement: CrashOracle.Judgement
    }

    let kills: [Kill]
    let files: CrashFiles
    var travels = Travels.alone

    /// Everything that these files ask for, in states that a quiet run does not have: a post whose reply is lost, one that is refused, a
    /// source that the service asks to be sent again, a route that is held and released.
    private static func prepare(_ emulator: inout EmulatorConfiguration) {
        emulator.forcedFailures = [
            ForcedFailure(table: CrashFiles.retryTable, code: "General_RetryAttemptsExceeded", failureStatus: "Exhausted", times: 1)
        ]
        let refused = FaultReply(status: 400, body: .storage(code: "InvalidHeaderValue", message: "A fault was asked for."))
        emulator.faults = [
            FaultRule(.queuePut, when: .nth(2), action: .resetAfter), FaultRule(.queuePut, when: .nth(4), action: .reply(.serverBusy)),
            // As many as two sources have tries: they are deferred.
            FaultRule(.blobPut, when: .first(6), action: .reply(refused)),
        ]
    }

    /// A system for these files.
    static func with<Result>(_ travels: Travels = .alone, _ body: (SystemFixture) async throws -> Result) async throws -> Result {
        let options = ["tree: true", "on_ambiguous: wait 1 s"] + travels.options
        let routes = [
            SystemFixture.Route(options: options), SystemFixture.Route("retry", table: CrashFiles.retryTable, options: options),
        ]
        return try await SystemFixture.with(
            routes: routes, topLevel: ["limits: { upload_block_size: 64 KiB, memory: 16 MiB }"], emulator: { prepare(&$0) }, body)
    }

    /// Runs it, and judges.
    func run() async throws -> Outcome {
        try await Self.with(travels) { system in
            files.dropFirst(into: system)
            if case .point = kills[0] {} else { files.dropInMidRun(into: system) }
            var hits: [Hit] = []
            for (index, kill) in kills.enumerated() {
                let isReached = try await CrashingChild(system: system, kill: kill, isFirst: index == 0).run()
                hits.append(try Self.hit(kill, isReached, system))
                // What the dead process had taken off the notification queues comes back when its time is over.
                system.emulator.clock.advance(by: .seconds(61))
            }
            let logged = try await Self.finish(files, in: system)
            let judgement = try await CrashOracle(system: system, files: files.all, logged: logged, context: "\(kills), \(travels)").judge()
            return Outcome(hits: hits, judgement: judgement)
        }
    }

    /// Another daemon brings everything to its end, with a file that was dropped while none ran, and a second one of a name that is taken.
    ///
    /// - Returns: what it logged.
    static func finish(_ files: CrashFiles, in system: SystemFixture) async throws -> [String] {
        files.dropAfterKill(into: system)
        return try await system.running { daemon in
            _ = try await daemon.events("claim of the first of two files of one name") {
                $0.of(file: CrashFiles.twice).contains { $0.name == "accepted" }
            }
            files.dropSecond(into: system)
            _ = try await daemon.verdicts(files.count, deadline: .seconds(120))
            return daemon
        }.logged
    }

    /// What a kill found, once the process is gone.
    static func hit(_ kill: Kill, _ isReached: Bool, _ system: SystemFixture) throws -> Hit {
        var states: [Work: Int] = [:]
        // Killed before there was a ledger, it has no rows.
        if system.directory.names(in: "state").contains(where: { $0.displayText == "ledger.sqlite" }) {
            do {
                for count in try LedgerReader(path: system.directory.path("state/ledger.sqlite")).counts() {
                    states[count.work, default: 0] += count.count
                }
            } catch {
                // Killed while the ledger was being made: it has no tables yet.
                if case .point = kill { throw error }
            }
        }
        let waiting = system.routes.map { CrashFiles.unsettled(in: system.directory, spool: $0.name) }.reduce(0, +)
        return Hit(kill: kill, isReached: isReached, states: states, files: waiting)
    }
}
