import CLinux
import Glibc
import SpoolPrimitives

/// A directory held open: all work is done relative to it, so that nobody can exchange a path under us.
///
/// Every call blocks. The methods with `throws(SystemErrno)` leave it to the caller to say which operation failed.
final class OpenDirectory: Sendable {
    let descriptor: Descriptor
    /// For messages only.
    let path: String

    var raw: Int32 { descriptor.raw }

    init(descriptor: Descriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Opens a directory that the configuration names; links on the way are the operator's and are followed.
    convenience init(path: String) throws(SystemErrno) {
        let raw = try systemCall { ksc_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
        self.init(descriptor: Descriptor(owning: raw), path: path)
    }

    /// Opens a directory in this one; a link there is refused (ELOOP or ENOTDIR).
    func open(_ name: FileName) throws(SystemErrno) -> OpenDirectory {
        let raw = try systemCall { name.withCString { ksc_openat(self.raw, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0) } }
        return OpenDirectory(descriptor: Descriptor(owning: raw), path: path(of: name))
    }

    /// This directory once more, with a reading position of its own.
    func reopen() throws(SystemErrno) -> OpenDirectory {
        let raw = try systemCall { ksc_openat(self.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
        return OpenDirectory(descriptor: Descriptor(owning: raw), path: path)
    }

    /// Opens a directory below this one, name by name, no link followed.
    func open(_ below: RelativePath) throws(SystemErrno) -> OpenDirectory {
        var directory = self
        for name in below.components { directory = try directory.open(name) }
        return directory
    }

    /// - Returns: whether it is new; false when the name is taken, by whatever.
    @discardableResult
    func makeDirectory(_ name: FileName, mode: mode_t) throws(SystemErrno) -> Bool {
        do {
            try systemCall { name.withCString { mkdirat(raw, $0, mode) } }
            return true
        } catch {
            if error.code == EEXIST { return false }
            throw error
        }
    }

    /// The entry's own state, links not followed; nil where there is none.
    func status(of name: FileName) throws(SystemErrno) -> stat? {
        var status = stat()
        do {
            try systemCall { name.withCString { fstatat(raw, $0, &status, AT_SYMLINK_NOFOLLOW) } }
            return status
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    /// protocol.md §1: every move is RENAME_NOREPLACE; EEXIST where the new name is taken.
    func move(_ name: FileName, to directory: OpenDirectory, as newName: FileName) throws(SystemErrno) {
        try systemCall {
            name.withCString { from in newName.withCString { to in ksc_renameat2(raw, from, directory.raw, to, KSC_RENAME_NOREPLACE) } }
        }
    }

    /// - Parameter flags: 0, or AT_REMOVEDIR.
    func remove(_ name: FileName, flags: Int32 = 0) throws(SystemErrno) {
        try systemCall { name.withCString { unlinkat(raw, $0, flags) } }
    }

    /// - Returns: whether it was there.
    @discardableResult
    func removeIfPresent(_ name: FileName) throws(SystemErrno) -> Bool {
        do {
            try remove(name)
            return true
        } catch {
            if error.code == ENOENT { return false }
            throw error
        }
    }

    /// Makes this directory's entries durable.
    func sync() throws(SpoolError) {
        do { try systemCall { fsync(raw) } } catch { throw .fsync(path, error) }
    }

    func path(of name: FileName) -> String { path.hasSuffix("/") ? path + name.displayText : "\(path)/\(name.displayText)" }
}

extension SpoolError {
    /// protocol.md §7: a failed fsync ends the process; it is never repeated.
    static func fsync(_ path: String, _ cause: SystemErrno) -> SpoolError {
        SpoolError(
            .fsyncFailed, "make durable", path, cause: cause,
            hint: "Look for disk errors with 'journalctl -k'; the daemon recovers when it is started again")
    }
}
