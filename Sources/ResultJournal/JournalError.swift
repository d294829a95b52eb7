import Glibc
package import SpoolPrimitives

/// Why the journal could not be written or read: operation, path, cause, and what to do next.
package struct JournalError: Error, Sendable {
    package enum Kind: Sendable, Equatable {
        /// ENOSPC or EDQUOT. Nothing of the lines is in the file; the same call may be made again when there is room.
        case full
        /// fdatasync(2) or fsync(2) failed: what was written may be gone and no second call would tell (protocol.md §7).
        /// The process must end with 74 (EX_IOERR); the writer refuses everything from then on.
        case fsyncFailed
        /// The lines begin at or before the last one in the file: the caller has them twice.
        case alreadyWritten(lastSeq: Int64)
        /// A line is longer than `JournalFormat.maximumLineLength`, or the bytes are no whole lines.
        case malformedLines
        case system
    }

    package var kind: Kind
    /// What was tried, as a verb: `append to`, `rotate`.
    package var operation: String
    package var path: String
    package var cause: SystemErrno?
    /// What the operator can do, with the command where there is one.
    package var hint: String?

    package init(_ kind: Kind, _ operation: String, _ path: String, cause: SystemErrno? = nil, hint: String? = nil) {
        self.kind = kind
        self.operation = operation
        self.path = path
        self.cause = cause
        self.hint = hint
    }

    /// The kind follows from the cause.
    init(_ operation: String, _ path: String, _ cause: SystemErrno) {
        let isFull = cause.code == ENOSPC || cause.code == EDQUOT
        self.init(isFull ? .full : .system, operation, path, cause: cause, hint: Self.hint(for: cause, at: path))
    }

    static func fsync(_ path: String, _ cause: SystemErrno) -> JournalError {
        JournalError(
            .fsyncFailed, "make durable", path, cause: cause,
            hint: "Look for disk errors with 'journalctl -k'; the daemon goes on after the last whole line when it is started again")
    }

    private static func hint(for cause: SystemErrno, at path: String) -> String? {
        switch cause.code {
        case ENOSPC: "See 'df -h' and 'df -i' for it"
        case EDQUOT: "See 'quota' for the daemon's user"
        case EACCES, EPERM: "See 'namei -l' for it and for the daemon's user"
        case ENOENT: "Make its directory with 'install -d -m 0750 -o kusto-spool \(path)'"
        case EROFS: "See 'findmnt -T' for it"
        default: nil
        }
    }
}

extension JournalError: CustomStringConvertible {
    package var description: String {
        var text = "cannot \(operation) \(path)"
        switch kind {
        case .alreadyWritten(let lastSeq): text += ": it has the lines up to seq \(lastSeq) already"
        case .malformedLines: text += ": these are no whole lines of at most \(ByteCount(JournalFormat.maximumLineLength))"
        case .full, .fsyncFailed, .system: if let cause { text += ": \(cause)" }
        }
        if let hint { text += ". \(hint)" }
        return text
    }
}

/// Says of a system call's refusal which operation on which path it was.
@discardableResult
func naming<Result>(
    _ operation: String, _ path: @autoclosure () -> String, _ call: @autoclosure () throws(SystemErrno) -> Result
) throws(JournalError) -> Result {
    do { return try call() } catch { throw JournalError(operation, path(), error) }
}
