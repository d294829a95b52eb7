import Glibc

/// The daemon's and the commands' exit codes, of sysexits.h: what a unit's `RestartPreventExitStatus=` and scripts go by.
package enum ExitStatus: Int32, Sendable, Hashable, Error {
    case success = 0
    /// EX_USAGE
    case usage = 64
    /// EX_DATAERR: what was asked about does not exist, or is not in a state for it.
    case dataError = 65
    /// EX_NOINPUT: a file that must be there is not.
    case noInput = 66
    /// EX_UNAVAILABLE
    case unavailable = 69
    /// EX_SOFTWARE: a bug of ours.
    case software = 70
    /// EX_OSERR
    case systemError = 71
    /// EX_CANTCREAT
    case cannotCreate = 73
    /// EX_IOERR: a flush failed, or the ledger cannot be trusted; the process must not go on (protocol.md §7).
    case ioError = 74
    /// EX_TEMPFAIL: another daemon holds the lock.
    case locked = 75
    /// EX_NOPERM
    case noPermission = 77
    /// EX_CONFIG
    case configuration = 78
}

/// Why the daemon did not start, or ended: a sentence for the operator and the code for the unit.
package struct DaemonFailure: Error, Sendable, CustomStringConvertible {
    package let status: ExitStatus
    package let description: String

    package init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}
