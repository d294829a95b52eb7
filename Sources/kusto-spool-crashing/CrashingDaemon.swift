import Glibc
import IngestionEngine
import Logging
import SpoolConfiguration
import SpoolDaemon
import SpoolPrimitives

/// Tests only: the daemon, killed at a named point.
///
///     kusto-spool-crashing CONFIG POINT OCCURRENCE LATE_FROM LATE_TO
///
/// The process kills itself when it reaches the point for the n-th time: SIGKILL, so that nothing is closed, flushed or said. When the first
/// files have been claimed it moves LATE_FROM to LATE_TO, a file dropped in mid-run. It ends by SIGALRM where the point is never reached.
///
/// Where the calls of the process are traced (see CCallCounter), each point leaves its mark in the trace: an attempt to remove a file of its name.
@main
enum CrashingDaemon {
    /// Seconds; a run takes a few.
    private static let patience: UInt32 = 60

    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 6, let point = EngineHooks.Point(rawValue: arguments[2]), let occurrence = Int(arguments[3]) else {
            exit(ExitStatus.usage.rawValue)
        }
        signal(SIGPIPE, SIG_IGN)
        alarm(patience)
        let late = (from: arguments[4], to: arguments[5])
        let marks = getenv("SPOOL_CALLS_TRACE").flatMap { _ in getenv("SPOOL_CALLS_BELOW") }.map { String(cString: $0) + "/marks/" }
        let reached = Lock(0)
        let hooks = EngineHooks { now in
            if let marks { unlink(marks + now.rawValue) }
            if now == .filesClaimed { rename(late.from, late.to) }
            guard now == point,
                reached.withLock({
                    $0 += 1
                    return $0
                }) == occurrence
            else { return }
            kill(getpid(), SIGKILL)
        }
        let logger = Logger(label: "kusto-spool") { _ in StandardErrorHandler(level: .debug, format: .text) }
        do {
            let configuration = try Configuration.load(path: arguments[1]).configuration
            try await Daemon(configuration, adopts: false, logger: logger, hooks: hooks).run()
        } catch {
            logger.error("ended", metadata: ["error": "\(error)"])
            exit(ExitStatus.software.rawValue)
        }
    }
}
