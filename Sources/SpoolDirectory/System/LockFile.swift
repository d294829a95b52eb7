import CLinux
import Glibc
import SpoolPrimitives

/// An exclusive flock(2) on a file that says who holds it. Held until `release()`, as long as this object lives at the most, and gone with the process.
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

    deinit { release() }

    /// Gives the lock back; a second call does nothing.
    ///
    /// By LOCK_UN, since a lock ends at close(2) only with the last copy of its descriptor, and a process that is starting a child has copies of all
    /// of them in it for a moment, close-on-exec or not. And not by the object's end alone: whoever still refers to it would keep the lock.
    func release() { flock(descriptor.raw, LOCK_UN) }
}
