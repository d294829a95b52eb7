import Glibc
import IngestionEngine
import SpoolTestSupport
import SystemTestSupport

/// A daemon in a process of its own that is killed.
struct CrashingChild {
    let system: SystemFixture
    let kill: Kill
    let isFirst: Bool

    /// Runs until it is dead; throws when it ended in any other way than by its SIGKILL.
    ///
    /// - Returns: whether it died where it should; a run that has fewer calls than were counted out ends by its own bound, and proves nothing.
    func run() async throws -> Bool {
        let child: Program
        switch kill {
        case .point(let point, let occurrence):
            let arguments = [
                system.configurationPath, point.rawValue, "\(occurrence)",
                isFirst ? system.directory.path(CrashFiles.waiting) : "", system.directory.path("spool/\(CrashFiles.midRun)"),
            ]
            child = try Program(executable: "kusto-spool-crashing", arguments, in: system.directory)
        case .call(let number):
            child = try preloaded(CountedCalls(deed: .kill, at: number, killedAfter: .seconds(15)))
        case .instant(let microseconds), .wait(let microseconds):
            child = try preloaded(CountedCalls(killedAfter: .microseconds(microseconds)))
        }
        let ended = await child.finish()
        guard ended.status == 128 + SIGKILL else {
            let why = ended.status == 128 + SIGALRM ? "the point was never reached" : "it ended with \(ended.status)"
            throw TestSupportError("\(kill): \(why); the daemon said:\n\(ended.errors.suffix(3000))")
        }
        if case .call = kill { return try CountedCalls.counted(in: system.directory).tampered == 1 }
        return true
    }

    /// The real program, its calls counted.
    private func preloaded(_ calls: CountedCalls) throws -> Program {
        try Program(
            ["run", "--config", system.configurationPath], in: system.directory, environment: calls.environment(in: system.directory))
    }
}
