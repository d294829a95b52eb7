import CLinux
import Glibc
package import SpoolPrimitives

/// The daemon's state directory: the ledger's home, its lock, and the reserve (protocol.md §1 and §7).
///
/// `lock` holds the daemon's pid and is held until `unlock()`, as long as this object lives at the most; `reserve` is space that is given back when the disk is full, so
/// that verdicts stay recordable. Blocking calls, from any thread.
package final class StateDirectory: Sendable {
    /// As configured.
    package let path: String
    /// What the reserve holds when it is whole.
    package let reserveSize: ByteCount

    private let directory: OpenDirectory
    private let lock: LockFile
    private let reserve: Descriptor

    private init(path: String, reserveSize: ByteCount, directory: OpenDirectory, lock: LockFile, reserve: Descriptor) {
        self.path = path
        self.reserveSize = reserveSize
        self.directory = directory
        self.lock = lock
        self.reserve = reserve
    }

    /// Opens and locks the directory, making it (0750) if only its last name is missing. The reserve is not allocated yet: see
    /// `restoreReserve()`.
    ///
    /// Throws `.networkFilesystem` whatever the configuration says: SQLite's WAL needs shared memory, and the promises need an fsync that
    /// means something.
    package static func open(path: String, reserve reserveSize: ByteCount = .mebibytes(16)) throws(SpoolError) -> StateDirectory {
        if mkdir(path, 0o750) != 0, errno != EEXIST { throw SpoolError("make", path, .current) }
        let directory: OpenDirectory
        do { directory = try OpenDirectory(path: path) } catch { throw SpoolError("open", path, error) }
        try Filesystem.requireLocal(directory, hint: "The ledger needs a local disk: point 'state:' to one")
        let lock = try LockFile(FileName(literal: "lock"), in: directory)
        let name = FileName(literal: "reserve")
        do {
            let raw = try systemCall {
                name.withCString { ksc_openat(directory.raw, $0, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600) }
            }
            return StateDirectory(path: path, reserveSize: reserveSize, directory: directory, lock: lock, reserve: Descriptor(owning: raw))
        } catch { throw SpoolError("open", directory.path(of: name), error) }
    }

    /// Lets another daemon have the directory; nothing may be done with this object afterwards.
    package func unlock() { lock.release() }

    /// Gives the reserve's space back to the file system, for the ledger to go on. Durable, as far as the space is free when it returns.
    package func releaseReserve() throws(SpoolError) {
        do { try systemCall { ftruncate(reserve.raw, 0) } } catch { throw SpoolError("truncate", "\(path)/reserve", error) }
        // Journalling file systems free the blocks only when the truncation is committed.
        do { try systemCall { fsync(reserve.raw) } } catch { throw .fsync("\(path)/reserve", error) }
    }

    /// Allocates the reserve again, if there is room for it.
    ///
    /// On a copy-on-write file system (btrfs, ZFS) it is a hope and no guarantee: their writes need new space all the same.
    /// - Returns: false while the disk is too full for it; nothing of it is allocated then.
    package func restoreReserve() throws(SpoolError) -> Bool {
        // posix_fallocate returns its error and leaves errno alone.
        var code = EINTR
        while code == EINTR { code = posix_fallocate(reserve.raw, 0, off_t(reserveSize.bytes)) }
        switch code {
        case 0: return true
        case ENOSPC, EDQUOT:
            try releaseReserve()
            return false
        default: throw SpoolError("allocate", "\(path)/reserve", SystemErrno(code))
        }
    }

    /// What of the disk is free for the daemon now.
    package func freeSpace() throws(SpoolError) -> ByteCount {
        var status = statvfs()
        do { try systemCall { fstatvfs(directory.raw, &status) } } catch { throw SpoolError("statvfs", path, error) }
        return ByteCount(Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize)))
    }

    /// Whether the reserve is whole.
    package func isReserveWhole() throws(SpoolError) -> Bool {
        var status = stat()
        do { try systemCall { fstat(reserve.raw, &status) } } catch { throw SpoolError("stat", "\(path)/reserve", error) }
        return Int64(status.st_size) >= reserveSize.bytes
    }
}

extension Filesystem {
    /// Refuses a state directory on a network file system, without opening it for good: for `check-config`.
    package static func requireLocalState(path: String) throws(SpoolError) {
        let directory: OpenDirectory
        do { directory = try OpenDirectory(path: path) } catch { throw SpoolError("open", path, error) }
        try requireLocal(directory, hint: "The ledger needs a local disk: point 'state:' to one")
    }
}
