import CLinux
import Glibc
import SpoolPrimitives

/// The system calls on files of a journal.
extension JournalDirectory {
    /// - Returns: nil where there is no such file.
    func open(_ name: String, flags: Int32) throws(JournalError) -> Descriptor? {
        do {
            return Descriptor(owning: try systemCall { ksc_openat(descriptor.raw, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o640) })
        } catch {
            if error.code == ENOENT, flags & O_CREAT == 0 { return nil }
            throw JournalError("open", path(of: name), error)
        }
    }

    /// nil where there is none.
    func status(of name: String) throws(JournalError) -> FileStatus? {
        var status = stat()
        do { try systemCall { fstatat(descriptor.raw, name, &status, AT_SYMLINK_NOFOLLOW) } } catch {
            if error.code == ENOENT { return nil }
            throw JournalError("stat", path(of: name), error)
        }
        return FileStatus(status)
    }

    /// Renames without replacing; false where the new name is taken.
    func rename(_ name: String, to newName: String) throws(JournalError) -> Bool {
        do { try systemCall { ksc_renameat2(descriptor.raw, name, descriptor.raw, newName, KSC_RENAME_NOREPLACE) } } catch {
            if error.code == EEXIST { return false }
            throw JournalError("rename", path(of: name), error)
        }
        return true
    }

    func remove(_ name: String) throws(JournalError) {
        do { try systemCall { unlinkat(descriptor.raw, name, 0) } } catch {
            if error.code != ENOENT { throw JournalError("remove", path(of: name), error) }
        }
    }

    /// Makes the names durable.
    func sync() throws(JournalError) {
        do { try systemCall { fsync(descriptor.raw) } } catch { throw .fsync(path, error) }
    }
}

/// What of a file's state the journal compares.
struct FileStatus: Equatable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var modified: Timestamp
    var isRegular: Bool

    init(_ status: stat) {
        isRegular = status.st_mode & 0o170000 == 0o100000
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Timestamp(microseconds: Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000)
    }

    init(of descriptor: Descriptor, path: String) throws(JournalError) {
        var status = stat()
        try naming("stat", path, systemCall { fstat(descriptor.raw, &status) })
        self.init(status)
    }

    func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }
}

extension Descriptor {
    /// Reads up to `count` bytes from `offset`, less only at the end of the file.
    func read(_ count: Int, at offset: Int64, path: String) throws(JournalError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let length = try naming(
                "read", path,
                systemCall {
                    bytes.withUnsafeMutableBytes {
                        pread(raw, $0.baseAddress.map { $0 + filled }, count - filled, off_t(offset + Int64(filled)))
                    }
                })
            if length == 0 { break }
            filled += length
        }
        return Array(bytes[..<filled])
    }
}
