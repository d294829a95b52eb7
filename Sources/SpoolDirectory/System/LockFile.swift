import CLinux
import Glibc
import SpoolPrimitives

/// An exclusive flock(2) on a file that says who holds it. Held as long as this object lives, and gone with the process.
final class LockFile: Sendable {
    private let descriptor: Descriptor

    /// Takes the lock, or says at once who has it.
    ///
    /// The pid is written after the lock is taken: whoever loses the race at that very moment reads the older one or none.
    init(_ name: FileName, in directory: OpenDirectory) throws(SpoolError) {
        let path = directory.path(of: name)
        let file = try steps("lock", path) { () throws(SystemErrno) in
            Descriptor(
                owning: try systemCall {
                    name.withCString { ksc_openat(directory.raw, $0, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o640) }
                })
        }
        let isTaken = try steps("lock", path) { () throws(SystemErrno) in
            do throws(SystemErrno) {
                try systemCall { flock(file.raw, LOCK_EX | LOCK_NB) }
                return false
            } catch {
                if error.code == EWOULDBLOCK { return true }
                throw error
            }
        }
        if isTaken {
            let text = try naming("read", path, file.readAll(limit: 32))
            let pid = Int32(String(decoding: text, as: UTF8.self).prefix { $0.isNumber })
            throw SpoolError(
                .locked(pid: pid), "lock", path,
                hint: pid.map { "See 'systemctl status \($0)'; stop it, or give this daemon directories of its own" })
        }
        try steps("write", path) { () throws(SystemErrno) in
            try systemCall { ftruncate(file.raw, 0) }
            try file.writeAll(Array("\(getpid())\n".utf8))
        }
        descriptor = file
    }
}
