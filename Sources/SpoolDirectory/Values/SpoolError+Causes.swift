import Glibc
import SpoolPrimitives

/// What a cause means, and what to do about it.
extension SpoolError {
    static func kind(of cause: SystemErrno) -> Kind {
        switch cause.code {
        case ENOSPC, EDQUOT: .full
        case ENOENT: .notFound
        case EEXIST, ENOTEMPTY: .nameTaken
        case EXDEV: .cannotRename
        default: .system
        }
    }

    static func hint(for cause: SystemErrno, path: String) -> String? {
        switch cause.code {
        case ENOSPC: "See 'df -h' and 'df -i' for it"
        case EDQUOT: "See 'quota' for the daemon's user"
        case EACCES, EPERM: "See 'namei -l' for it and for the daemon's user"
        case EMFILE: "Raise LimitNOFILE= in the unit"
        case EROFS: "See 'findmnt -T' for it"
        case EXDEV: "Put root, .active, done and failed under one mount; see 'findmnt -T'"
        default: nil
        }
    }
}

/// Says of a system call's refusal which operation on which path it was.
@discardableResult
func naming<Result>(
    _ operation: String, _ path: @autoclosure () -> String, _ call: @autoclosure () throws(SystemErrno) -> Result
) throws(SpoolError) -> Result {
    do { return try call() } catch { throw SpoolError(operation, path(), error) }
}

/// The same for several calls that make up one operation.
func steps<Result>(
    _ operation: String, _ path: @autoclosure () -> String, _ calls: () throws(SystemErrno) -> Result
) throws(SpoolError) -> Result {
    do { return try calls() } catch { throw SpoolError(operation, path(), error) }
}
