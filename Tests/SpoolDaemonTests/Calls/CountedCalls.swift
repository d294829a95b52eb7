import SpoolTestSupport
import SystemTestSupport

/// How a process's durable system calls are counted, traced and tampered with: the environment of CCallCounter.
struct CountedCalls: Sendable {
    /// What becomes of the calls that are tampered with.
    enum Deed: String, Sendable, CaseIterable {
        /// SIGKILL in place of the call.
        case kill
        /// Left out, and said to have succeeded: as if the program did not make it.
        case drop
        case noSpace = "ENOSPC"
        case ioError = "EIO"
        case tooManyFiles = "EMFILE"
        case interrupted = "EINTR"
    }

    /// Which calls count; all without it.
    var calls: [String] = []
    /// Only calls on paths with this in them; one that ends in `$` has to end the path.
    var on: String?
    var deed: Deed?
    /// The first call that is tampered with, from 1, and how many in a row; 0: all from there on.
    var at = 0
    var times = 1
    /// Killed then, whatever it does.
    var killedAfter: Duration?
    var isTraced = false

    private static let counts = "calls.count"
    static let trace = "calls.trace"

    /// The variables for a daemon whose everything is in `directory`.
    func environment(in directory: TemporaryDirectory) -> [String: String] {
        var variables = [
            "LD_PRELOAD": Program.built("libCCallCounter.so"), "SPOOL_CALLS_BELOW": directory.path,
            "SPOOL_CALLS_COUNT": directory.path(Self.counts),
            // What the test makes of the daemon's output is no call of the daemon's way.
            "SPOOL_CALLS_EXCEPT": "/program-",
        ]
        if !calls.isEmpty { variables["SPOOL_CALLS"] = calls.joined(separator: ",") }
        if let on { variables["SPOOL_CALLS_ON"] = on }
        if let deed {
            variables["SPOOL_CALLS_DO"] = deed.rawValue
            variables["SPOOL_CALLS_AT"] = "\(at)"
            variables["SPOOL_CALLS_TIMES"] = "\(times)"
        }
        if let killedAfter { variables["SPOOL_CALLS_AFTER"] = "\(Int64(killedAfter / .microseconds(1)))" }
        if isTraced { variables["SPOOL_CALLS_TRACE"] = directory.path(Self.trace) }
        return variables
    }

    /// The calls counted so far, and how many of them were tampered with. Fails where the library was not loaded: a count of nothing proves nothing.
    static func counted(in directory: TemporaryDirectory) throws -> (calls: Int, tampered: Int) {
        guard let bytes = directory.read(counts), bytes.count == 16 else {
            throw TestSupportError("no calls were counted: \(Program.built("libCCallCounter.so")) was not loaded")
        }
        func number(_ part: ArraySlice<UInt8>) -> Int { part.reversed().reduce(0) { $0 << 8 | Int($1) } }
        return (number(bytes[0..<8]), number(bytes[8..<16]))
    }

    static func trace(in directory: TemporaryDirectory) throws -> CallTrace { try CallTrace(directory.read(trace) ?? []) }
}
