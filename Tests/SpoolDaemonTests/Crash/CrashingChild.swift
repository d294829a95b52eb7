import Glibc
import IngestionEngine
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport

/// A daemon in a process of its own that kills itself.
struct CrashingChild {
    let system: SystemFixture
    let kill: CrashScenario.Kill
    let isFirst: Bool

    /// The executable stands beside the test bundle.
    private static func executable() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let beside = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The bundle is an executable itself, or is loaded by a tool of the toolchain that names it.
        for candidate in [beside] + CommandLine.arguments {
            guard let slash = candidate.lastIndex(of: "/") else { continue }
            let path = "\(candidate[..<slash])/kusto-spool-crashing"
            if access(path, X_OK) == 0 { return path }
        }
        throw TestSupportError("kusto-spool-crashing is not beside \(beside)")
    }

    /// Runs until it is dead; throws when it ended in any other way than by its own SIGKILL.
    func run() async throws {
        let executable = try Self.executable()
        let arguments = [
            system.directory.path("stderr"), executable, system.configurationPath, kill.point.rawValue, "\(kill.occurrence)",
            isFirst ? system.directory.path(CrashFiles.waiting) : "", system.directory.path("spool/\(CrashFiles.midRun)"),
        ]
        let waiting = WorkerPool(name: "child", threads: 1)
        defer { waiting.close() }
        let status = await waiting.run { () -> Int32 in
            let child = ChildProcess(
                "log=$1; shift; ulimit -c 0; SWIFT_BACKTRACE=enable=no exec \"$@\" 2>>\"$log\"", arguments)
            return child.finish()
        }
        if status == 128 + SIGKILL { return }
        let said = String(decoding: (system.directory.read("stderr") ?? []).suffix(3000), as: UTF8.self)
        let why = status == 128 + SIGALRM ? "the point was never reached" : "it ended with \(status)"
        throw TestSupportError("\(kill): \(why); the daemon said:\n\(said)")
    }
}
