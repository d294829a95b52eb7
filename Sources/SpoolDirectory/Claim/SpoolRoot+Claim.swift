import CLinux
import Glibc
import SpoolPrimitives

extension SpoolRoot {
    /// Moves complete files of one directory into `.active/<claim>/`, durably (protocol.md §3, rule 1).
    ///
    /// Per file: opened without following a link, looked at, renamed with RENAME_NOREPLACE, and looked at again under its new name, so that
    /// what stands there is what was opened. Then fsync of the claim's directory, of .active (a new entry of it), and of the directory that
    /// the files came from: when this returns, the claim survives a power cut. The caller commits the rows next (rule 2); until then a crash
    /// leaves files in .active without a row, which recovery claims anew.
    ///
    /// Blocks: about four system calls a file and three fsyncs. Throws only when nothing was moved, or `.fsyncFailed`, which ends the
    /// process; what stops it midway is `ClaimResult.stoppedBy`.
    /// - Parameters:
    ///   - names: of that directory, each once; regular files as far as known.
    ///   - claim: never used before.
    package func claim(_ names: [FileName], in directory: RelativePath = .root, into claim: ClaimName) throws(SpoolError) -> ClaimResult {
        var result = ClaimResult(claim: claim, directory: directory)
        guard let source = try sourceDirectory(directory) else {
            result.unclaimed = names.map { UnclaimedFile(name: $0, reason: .vanished) }
            return result
        }
        let target = try makeClaimDirectory(claim, for: directory)
        options.hooks.afterClaimDirectory?(claim)
        for name in names {
            do {
                switch try move(name, from: source, to: target) {
                case .claimed(let identity):
                    result.files.append(ClaimedFile(claim: claim, name: name, directory: directory, identity: identity))
                    options.hooks.afterRename?(name)
                case .left(let reason):
                    result.unclaimed.append(UnclaimedFile(name: name, reason: reason))
                }
            } catch {
                result.stoppedBy = SpoolError("claim", source.path(of: name), error)
                break
            }
        }
        options.hooks.beforeFsync?(claim)
        if result.files.isEmpty {
            // Best effort: an empty directory of a claim is removed at the next start as well.
            try removeClaimDirectory(claim)
        } else {
            try target.sync()
            try active.sync()
            try source.sync()
        }
        options.hooks.afterFsync?(claim)
        return result
    }

    private enum Moved {
        case claimed(FileIdentity)
        case left(UnclaimedFile.Reason)
    }

    /// Throws what would meet the next file as well.
    private func move(_ name: FileName, from source: OpenDirectory, to target: OpenDirectory) throws(SystemErrno) -> Moved {
        let file: Descriptor
        switch try open(name, in: source) {
        case .opened(let descriptor): file = descriptor
        case .left(let reason): return .left(reason)
        }
        var opened = stat()
        try systemCall { fstat(file.raw, &opened) }
        let kind = EntryKind(opened)
        guard kind == .regular else { return .left(.notRegular(kind)) }
        let lease = usesLeases ? ReadLease.take(file) : .unavailable
        if lease == .refused { return .left(.stillOpen) }
        options.hooks.beforeRename?(name)
        do { try source.move(name, to: target, as: name) } catch {
            switch error.code {
            case ENOENT: return .left(.vanished)
            // This file's own trouble (immutable, a mount point, a directory that is not ours to change): the others are claimed all the same.
            case EPERM, EACCES, EBUSY, EXDEV: return .left(.unreadable(error))
            default: throw error
            }
        }
        guard let moved = try target.status(of: name) else { return .left(.vanished) }
        let isSame = moved.st_ino == opened.st_ino && moved.st_dev == opened.st_dev
        if isSame, lease != .held || ReadLease.isStillHeld(file) { return .claimed(FileIdentity(moved)) }
        // Another file took the name between the two looks, or a writer came: back with it, and look again at the next scan.
        do { try target.move(name, to: source, as: name) } catch {
            guard error.code == EEXIST else { throw error }
            // The name is taken once more, so this one stays; as a regular file it is as good as renamed in, and step 3 compares again.
            let kind = EntryKind(moved)
            return kind == .regular ? .claimed(FileIdentity(moved)) : .left(.notRegular(kind))
        }
        return .left(.stillOpen)
    }

    private enum Opened {
        case opened(Descriptor)
        case left(UnclaimedFile.Reason)
    }

    private func open(_ name: FileName, in source: OpenDirectory) throws(SystemErrno) -> Opened {
        do {
            // O_NONBLOCK: neither a FIFO nor somebody's lease may stop us.
            let raw = try systemCall {
                name.withCString { ksc_openat(source.raw, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0) }
            }
            return .opened(Descriptor(owning: raw))
        } catch {
            switch error.code {
            case ENOENT: return .left(.vanished)
            case ELOOP: return .left(.notRegular(.symbolicLink))
            case ENXIO: return .left(.notRegular(.socket))
            case EAGAIN: return .left(.stillOpen)
            case EMFILE, ENFILE, ENOMEM: throw error
            default: return .left(.unreadable(error))
            }
        }
    }
}
