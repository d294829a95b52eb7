import CLinux
import Glibc
import SpoolPrimitives

/// All of a spool is under one mount (protocol.md §1).
///
/// rename(2) is refused between two mounts even of one file system, and systemd's `StateDirectory=` and `ReadWritePaths=` make bind mounts
/// that nobody sees. Found out at the start, it is one message; at the first claim it would be a spool that silently stands still.
package enum OneMount {
    /// What tells where a directory is. The mount's id is nil before Linux 5.8.
    package struct Place: Sendable, Equatable {
        package var device: UInt64
        package var mount: Int64?

        package init(device: UInt64, mount: Int64?) {
            self.device = device
            self.mount = mount
        }
    }

    /// Whether a rename between the two can work, as far as the numbers tell.
    package static func mayRename(_ a: Place, _ b: Place) -> Bool {
        guard a.device == b.device else { return false }
        guard let first = a.mount, let second = b.mount else { return true }
        return first == second
    }

    /// Compares the numbers, which makes the better message, and then tries it, which is the truth: quota projects refuse a rename too,
    /// and some file systems cannot rename without replacing.
    static func check(_ directories: SpoolDirectories) throws(SpoolError) {
        let root = try place(of: directories.root)
        for directory in [directories.active, directories.done, directories.failed, directories.reasons]
        where !mayRename(root, try place(of: directory)) {
            throw SpoolError(
                .cannotRename, "use", directory.path,
                hint: "It is another mount than \(directories.root.path): see 'findmnt -T' for both, and mount them as one")
        }
        try probe(directories)
    }

    static func place(of directory: OpenDirectory) throws(SpoolError) -> Place {
        var status = stat()
        do { try systemCall { fstat(directory.raw, &status) } } catch { throw SpoolError("stat", directory.path, error) }
        let mount = ksc_mount_id(directory.raw)
        return Place(device: UInt64(status.st_dev), mount: mount < 0 ? nil : mount)
    }

    /// Takes an empty file the way of the real ones: .active, root, done, failed.
    private static func probe(_ directories: SpoolDirectories) throws(SpoolError) {
        let name = SpoolNames.probe
        let way = [directories.active, directories.root, directories.done, directories.failed]
        for directory in way { try naming("remove", directory.path(of: name), directory.removeIfPresent(name)) }
        try steps("create", directories.active.path(of: name)) { () throws(SystemErrno) in
            _ = Descriptor(
                owning: try systemCall {
                    name.withCString { ksc_openat(directories.active.raw, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
                })
        }
        for (from, to) in zip(way, way.dropFirst()) {
            do { try from.move(name, to: to, as: name) } catch {
                guard error.code == EXDEV || error.code == EINVAL else { throw SpoolError("rename from \(from.path) to", to.path, error) }
                throw SpoolError(
                    .cannotRename, "rename from \(from.path) to", to.path, cause: error,
                    hint: "See 'findmnt -T' for both: they must be under one mount, of a file system that has RENAME_NOREPLACE")
            }
        }
        try naming("remove", directories.failed.path(of: name), directories.failed.remove(name))
    }
}
