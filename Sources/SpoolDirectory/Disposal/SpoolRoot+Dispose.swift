import CLinux
import Glibc
import SpoolPrimitives

extension SpoolRoot {
    /// Disposes of settled files: moves them to done/ or failed/, or unlinks them (protocol.md §3, rule 7).
    ///
    /// Per file: looked at again and compared with its row, then moved with RENAME_NOREPLACE or unlinked. Then one fsync per directory that
    /// something came into or was unlinked from; only when this returns may the caller commit `disposed`. A crash in between leaves each file
    /// at its old or its new place, and the same call again ends it: a file that is gone from .active is looked for where it was going,
    /// and is `alreadyThere`, whose reason is written (again). Claims that are empty after it lose their directory.
    ///
    /// Blocks. Throws `.fsyncFailed` only, which ends the process; every other trouble is the outcome of its file.
    /// - Returns: an outcome for each disposal, in their order.
    package func dispose(_ disposals: [Disposal]) throws(SpoolError) -> [DisposalOutcome] {
        var directories = TargetDirectories(self)
        var outcomes: [DisposalOutcome] = []
        outcomes.reserveCapacity(disposals.count)
        for disposal in disposals {
            do {
                outcomes.append(try dispose(disposal, &directories))
            } catch {
                if error.kind == .fsyncFailed { throw error }
                outcomes.append(.refused(error))
            }
        }
        options.hooks.beforeDisposalFsync?()
        try directories.sync()
        options.hooks.afterDisposalFsync?()
        for claim in Set(disposals.map(\.claim)) {
            // Not worth an outcome: what cannot be removed now is tried again by the recovery.
            do { try removeClaimDirectory(claim) } catch { continue }
        }
        return outcomes
    }

    private func dispose(_ disposal: Disposal, _ directories: inout TargetDirectories) throws(SpoolError) -> DisposalOutcome {
        guard let claim = try openClaim(disposal.claim),
            let status = try naming("stat", claim.path(of: disposal.name), claim.status(of: disposal.name)),
            EntryKind(status) == .regular
        else { return try findDisposed(disposal, &directories) }
        if let expected = disposal.expected {
            let changes = expected.changes(to: FileIdentity(status))
            if !changes.isEmpty { return .changed(changes) }
        }
        options.hooks.beforeDisposal?(disposal.name)
        guard let targetPath = Self.directory(for: disposal) else { return try unlink(disposal, from: claim, &directories) }
        let target = try directories.open(targetPath)
        let name: FileName
        do { name = try claim.moveToFreeName(disposal.name, to: target, as: disposal.name) } catch {
            if error.code == ENOENT { return .vanished }
            throw SpoolError("move", claim.path(of: disposal.name), error)
        }
        try directories.note(targetPath, target)
        options.hooks.afterDisposal?(disposal.name)
        let path = targetPath.appending(name)
        if case .failed(let reason) = disposal.target { try writeReason(reason, for: path, &directories) }
        return .moved(to: path)
    }

    /// The directory below the root that the file goes to; nil for none.
    private static func directory(for disposal: Disposal) -> RelativePath? {
        switch disposal.target {
        case .done(let date): RelativePath([SpoolNames.done, date.fileName]).appending(disposal.directory)
        case .failed: RelativePath([SpoolNames.failed]).appending(disposal.directory)
        case .removed: nil
        }
    }

    private func unlink(_ disposal: Disposal, from claim: OpenDirectory, _ directories: inout TargetDirectories) throws(SpoolError)
        -> DisposalOutcome
    {
        guard disposal.expected != nil else {
            throw SpoolError(
                .refused, "remove", claim.path(of: disposal.name), hint: "A file whose row is not known to match is never removed")
        }
        let wasThere = try naming("remove", claim.path(of: disposal.name), claim.removeIfPresent(disposal.name))
        try directories.note(RelativePath([SpoolNames.active, disposal.claim.fileName]), claim)
        return wasThere ? .removed : .vanished
    }

    /// protocol.md, "On start": a verdict without disposal whose file is at its target already needs the commit only.
    private func findDisposed(_ disposal: Disposal, _ directories: inout TargetDirectories) throws(SpoolError) -> DisposalOutcome {
        guard let path = try findUnchanged(disposal) else { return try findChanged(disposal, &directories) }
        // It may have been moved a moment before the crash: durable now, as its commit will say.
        try directories.note(path.parent, try directories.open(path.parent))
        if case .failed(let reason) = disposal.target, path.components.first == SpoolNames.failed {
            try writeReason(reason, for: path, &directories)
        }
        return .alreadyThere(path)
    }

    /// Where the file is, as its row has it.
    func findUnchanged(_ disposal: Disposal) throws(SpoolError) -> RelativePath? {
        if let intended = disposal.intended, let name = intended.name, let directory = try existing(intended.parent),
            let status = try naming("stat", directory.path(of: name), directory.status(of: name))
        {
            // The name alone proves nothing: another file may have it by now.
            let changes = disposal.expected?.changes(to: FileIdentity(status)).subtracting(.changed) ?? []
            if changes.isEmpty { return intended }
        }
        guard let expected = disposal.expected else { return nil }
        return try searchTargets(of: disposal) { (directory, name) throws(SystemErrno) in
            try directory.find(name) { $1.isSameFile(as: expected) }
        }
    }

    /// protocol.md §3.7: a file that changed after its claim is kept in failed/, and a crash may have come between that move and its commit; or it
    /// was moved as its verdict wanted it, and another hand changed it there. Either way it is this file, and it did not vanish.
    ///
    /// Size and times are of no use then, and an inode's number alone is given to other files when its own is gone. When a file was made is the proof:
    /// the number was our file's at the claim, so one that was made before the claim has had it ever since. Where the file system does not tell, nothing
    /// is guessed.
    private func findChanged(_ disposal: Disposal, _ directories: inout TargetDirectories) throws(SpoolError) -> DisposalOutcome {
        guard let expected = disposal.expected else { return .vanished }
        var changes: FileChanges = []
        let found = try searchTargets(of: disposal) { (directory, name) throws(SystemErrno) in
            var place = stat()
            try systemCall { fstat(directory.raw, &place) }
            return try directory.find(name) { (candidate, now) throws(SystemErrno) in
                guard now.inode == expected.inode, now.device == UInt64(place.st_dev), let birth = directory.birthTime(of: candidate),
                    birth <= expected.changed
                else { return false }
                changes = expected.changes(to: now).subtracting(.changed)
                return true
            }
        }
        guard let found else { return .vanished }
        try directories.note(found.parent, try directories.open(found.parent))
        return .changedThere(found, changes)
    }

    /// Looks for a file where its verdict sends it, and then wherever another verdict would have sent it: the verdict may have been corrected, or the
    /// file found changed, between the move and the crash.
    ///
    /// - Parameter look: finds the file in one directory, under the name that it was dropped with or a numbered one.
    private func searchTargets(
        of disposal: Disposal, _ look: (OpenDirectory, FileName) throws(SystemErrno) -> FileName?
    ) throws(SpoolError) -> RelativePath? {
        if let target = Self.directory(for: disposal), let path = try search(target, for: disposal, look) { return path }
        let failed = RelativePath([SpoolNames.failed]).appending(disposal.directory)
        if let path = try search(failed, for: disposal, look) { return path }
        let reader = DirectoryReader(try naming("open", done.path, done.reopen()), windowBytes: options.windowBytes)
        while let days = try naming("read", done.path, reader.next()) {
            for day in days where day.kind == .directory && UTCDate(day.name.displayText) != nil {
                let directory = RelativePath([SpoolNames.done, day.name]).appending(disposal.directory)
                if let path = try search(directory, for: disposal, look) { return path }
            }
        }
        return nil
    }

    private func search(
        _ path: RelativePath, for disposal: Disposal, _ look: (OpenDirectory, FileName) throws(SystemErrno) -> FileName?
    ) throws(SpoolError) -> RelativePath? {
        guard let directory = try existing(path) else { return nil }
        return try naming("look into", directory.path, look(directory, disposal.name)).map(path.appending)
    }
}
