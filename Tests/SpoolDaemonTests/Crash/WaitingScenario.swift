import KustoEmulator
import Ledger
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport

/// Files that wait for somebody: a route that the service refuses, and a table whose verdicts never come. A daemon is killed while they wait, an operator deals
/// with them, and another daemon brings them to their end.
struct WaitingScenario: Sendable {
    let kill: Kill

    private static let files =
        (0..<2).map { CrashFiles.Dropped(spool: "refused", path: "refused\($0).csv", contents: "refused\($0),1\n") }
        + (0..<2).map { CrashFiles.Dropped(spool: "silent", path: "silent\($0).csv", contents: "silent\($0),1\n") }

    func run() async throws -> CrashScenario.Outcome {
        let routes = [SystemFixture.Route("refused", table: "Refused"), SystemFixture.Route("silent", table: "Silent")]
        return try await SystemFixture.with(
            routes: routes, topLevel: ["notifications: { deadline: 2 s }"],
            emulator: {
                $0.forcedFailures = [ForcedFailure(table: "Refused", code: "BadRequest_TableNotExist", failureStatus: "Permanent")]
                $0.notificationFaults = [NotificationRule(isFailure: false, table: "Silent", action: .lose)]
            }
        ) { system in
            for file in Self.files { system.drop(file.contents, as: file.path, into: file.spool) }
            let isReached = try await CrashingChild(system: system, kill: kill, isFirst: true).run()
            let hit = try CrashScenario.hit(kill, isReached, system)
            system.emulator.clock.advance(by: .seconds(61))
            // The operator makes the table, and says so; what is not held needs no such word.
            system.emulator.clearForcedFailures()
            for file in Self.files where file.spool == "refused" { _ = try await system.command("retry", file.path) }
            let logged = try await system.running { daemon in
                _ = try await daemon.events("the end of all waits", deadline: .seconds(150)) { $0.verdicts.count == Self.files.count }
                // And looks into the table, where the rows are.
                for file in Self.files where file.spool == "silent" { _ = try await system.command("settle", file.path, "succeeded") }
                _ = try await daemon.events("the operator's verdicts", deadline: .seconds(60)) { journal in
                    Self.files.allSatisfy { file in
                        journal.of(file: file.path).contains { $0.name == "succeeded" || $0.object["verdict"]?.text == "succeeded" }
                    }
                }
                return daemon
            }.logged
            let judgement = try await CrashOracle(system: system, files: Self.files, logged: logged, context: "waiting, \(kill)").judge()
            return CrashScenario.Outcome(hits: [hit], judgement: judgement)
        }
    }
}
