import CLinux
import Glibc
import SpoolPrimitives

extension SpoolRoot {
    /// Opens a spool, makes its directories where they are missing, and locks it.
    ///
    /// In this order, each a refusal of its own: it is on a local file system (or may be on another); the directories are ours and no
    /// links; nobody holds the lock; `.spool` names this ledger, or none yet, or `adopt` takes it over; all is under one mount and the
    /// file system renames without replacing.
    /// - Parameters:
    ///   - path: an existing directory. It is the operator's to make: its mode and group say who may drop.
    ///   - ownerUUID: the ledger's UUID as text, in lower case.
    package static func open(path: String, ownerUUID: String, options: Options = Options()) throws(SpoolError) -> SpoolRoot {
        let root: OpenDirectory
        do { root = try OpenDirectory(path: path) } catch {
            throw SpoolError(
                "open the spool", path, error,
                hint: error.code == ENOENT ? "Make it with 'install -d -m 2730 -o kusto-spool -g PRODUCERS \(path)'" : nil)
        }
        let filesystem: Filesystem
        do { filesystem = try .of(root) } catch { throw SpoolError("statfs", path, error) }
        if !options.networkFilesystem {
            try Filesystem.requireLocal(
                root, hint: "Use a local directory, or set 'network_filesystem: true' for this spool and read there what it gives up")
        }
        let active = try root.openOwn(SpoolNames.active, mode: 0o700)
        let lock = try LockFile(SpoolNames.lock, in: active)
        // Only behind the lock: a refused second daemon must not have changed anything, not even the owner.
        let previousOwner = try OwnerFile.claim(root, uuid: ownerUUID, adopt: options.adopt)
        let failed = try root.openOwn(SpoolNames.failed, mode: 0o750)
        let directories = SpoolDirectories(
            root: root, active: active, done: try root.openOwn(SpoolNames.done, mode: 0o750), failed: failed,
            reasons: try failed.openOwn(SpoolNames.reasons, mode: 0o750))
        try OneMount.check(directories)
        try failed.sync()
        try root.sync()
        return SpoolRoot(
            path: path, options: options, previousOwner: previousOwner, filesystem: filesystem, directories: directories, lock: lock)
    }
}

extension SpoolRoot {
    /// Opens a spool for a command that moves single files in it, whether the daemon runs or not: without the lock, and making nothing.
    ///
    /// What such a command does is one rename without replacing, which the daemon sees as a drop or not at all.
    package static func openForOperator(path: String) throws(SpoolError) -> SpoolRoot {
        let directories: SpoolDirectories
        let filesystem: Filesystem
        do throws(SystemErrno) {
            let root = try OpenDirectory(path: path)
            let failed = try root.open(SpoolNames.failed)
            directories = SpoolDirectories(
                root: root, active: try root.open(SpoolNames.active), done: try root.open(SpoolNames.done), failed: failed,
                reasons: try failed.open(SpoolNames.reasons))
            filesystem = try .of(root)
        } catch {
            throw SpoolError("open the spool", path, error)
        }
        return SpoolRoot(
            path: path, options: Options(), previousOwner: nil, filesystem: filesystem, directories: directories, lock: nil)
    }
}

extension OpenDirectory {
    /// Opens a directory of the daemon's own, making it where it is missing.
    ///
    /// Producers may write into the root, so what stands there under our name may be theirs: a link, a file or a directory of another
    /// owner is refused. `.active` is closed to all others, whatever its mode was.
    func openOwn(_ name: FileName, mode: mode_t) throws(SpoolError) -> OpenDirectory {
        let path = path(of: name)
        try naming("make", path, makeDirectory(name, mode: mode))
        let directory: OpenDirectory
        do { directory = try open(name) } catch {
            guard error.code == ELOOP || error.code == ENOTDIR else { throw SpoolError("open", path, error) }
            throw SpoolError(
                .unsafeDirectory, "use", path, cause: error,
                hint: "It must be a directory of the daemon's own: see 'ls -ld', and move what is there away")
        }
        let status = try steps("stat", path) { () throws(SystemErrno) in
            var status = stat()
            try systemCall { fstat(directory.raw, &status) }
            return status
        }
        guard status.st_uid == geteuid() else {
            throw SpoolError(
                .unsafeDirectory, "use", path,
                hint: "It belongs to the user with the id \(status.st_uid): see 'ls -ld', and 'chown' it to the daemon's user")
        }
        if mode == 0o700, status.st_mode & 0o7777 != mode {
            try naming("chmod", path, systemCall { fchmod(directory.raw, mode) })
        }
        return directory
    }
}
