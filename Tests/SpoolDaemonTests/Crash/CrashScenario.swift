import IngestionEngine
import KustoEmulator
import Ledger
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport

/// A spool with files that go through every state, a daemon that is killed in their midst, and its restart.
struct CrashScenario: Sendable {
    /// Where a child is killed.
    struct Kill: Sendable, Hashable, CustomStringConvertible {
        var point: EngineHooks.Point
        var occurrence: Int
        var description: String { "\(point.rawValue)#\(occurrence)" }
    }

    /// What a kill found.
    struct Hit: Sendable {
        var kill: Kill
        /// Sources by what they were waiting for, when the process was gone.
        var states: [Work: Int]
        /// Files still in the root, and in `.active`.
        var files: Int
    }

    let kills: [Kill]
    let files: CrashFiles

    /// Everything that these files ask for, in states that a quiet run does not have: a post whose reply is lost, one that is refused, a
    /// source that the service asks to be sent again.
    private static func prepare(_ emulator: inout EmulatorConfiguration) {
        emulator.forcedFailures = [
            ForcedFailure(table: CrashFiles.retryTable, code: "General_RetryAttemptsExceeded", failureStatus: "Exhausted", times: 1)
        ]
        emulator.faults = [
            FaultRule(.queuePut, when: .nth(2), action: .resetAfter), FaultRule(.queuePut, when: .nth(4), action: .reply(.serverBusy)),
        ]
    }

    /// Runs it, and judges.
    ///
    /// - Returns: the kills that happened, with what they interrupted.
    func run() async throws -> [Hit] {
        let options = ["tree: true", "on_ambiguous: wait 1 s"]
        return try await SystemFixture.with(
            routes: [SystemFixture.Route(options: options), SystemFixture.Route("retry", table: CrashFiles.retryTable, options: options)],
            topLevel: ["limits: { upload_block_size: 64 KiB, memory: 16 MiB }"], emulator: { Self.prepare(&$0) }
        ) { system in
            files.dropFirst(into: system)
            var hits: [Hit] = []
            for (index, kill) in kills.enumerated() {
                try await CrashingChild(system: system, kill: kill, isFirst: index == 0).run()
                hits.append(try hit(kill, system))
                // What the dead process had taken off the notification queues comes back when its time is over.
                system.emulator.clock.advance(by: .seconds(61))
            }
            files.dropAfterKill(into: system)
            let logged = try await system.running { daemon in
                _ = try await daemon.events("claim of the first of two files of one name") {
                    $0.of(file: CrashFiles.twice).contains { $0.name == "accepted" }
                }
                files.dropSecond(into: system)
                _ = try await daemon.verdicts(files.count, deadline: .seconds(90))
                return daemon
            }.logged
            try await CrashOracle(system: system, files: files, logged: logged, context: "\(kills)").judge()
            return hits
        }
    }

    private func hit(_ kill: Kill, _ system: SystemFixture) throws -> Hit {
        var states: [Work: Int] = [:]
        for count in try LedgerReader(path: system.directory.path("state/ledger.sqlite")).counts() {
            states[count.work, default: 0] += count.count
        }
        let waiting = system.routes.map { CrashFiles.unsettled(in: system.directory, spool: $0.name) }.reduce(0, +)
        return Hit(kill: kill, states: states, files: waiting)
    }
}

extension CrashScenario.Hit {
    /// Sources that had not come to their end; a claim without rows is one, too.
    var unsettled: Int { max(states.filter { $0.key != .remembered }.values.reduce(0, +), files) }
}
