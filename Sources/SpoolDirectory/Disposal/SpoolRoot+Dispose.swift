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
        var found: RelativePath?
        if let targetPath = Self.directory(for: disposal) { found = try find(disposal, in: targetPath) }
        if found == nil { found = try findElsewhere(disposal) }
        guard let path = found else { return .vanished }
        // It may have been moved a moment before the crash: durable now, as its commit will say.
        try directories.note(path.parent, try directories.open(path.parent))
        if case .failed(let reason) = disposal.target, path.components.first == SpoolNames.failed {
            try writeReason(reason, for: path, &directories)
        }
        return .alreadyThere(path)
    }

    /// The verdict may have been corrected between the move and the crash: then the file is where the verdict before sent it.
    private func findElsewhere(_ disposal: Disposal) throws(SpoolError) -> RelativePath? {
        if let path = try find(disposal, in: RelativePath([SpoolNames.failed]).appending(disposal.directory)) { return path }
        let reader = DirectoryReader(try naming("open", done.path, done.reopen()), windowBytes: options.windowBytes)
        while let days = try naming("read", done.path, reader.next()) {
            for day in days where day.kind == .directory && UTCDate(day.name.displayText) != nil {
                if let path = try find(disposal, in: RelativePath([SpoolNames.done, day.name]).appending(disposal.directory)) {
                    return path
                }
            }
        }
        return nil
    }

    private func find(_ disposal: Disposal, in targetPath: RelativePath) throws(SpoolError) -> RelativePath? {
        if let intended = disposal.intended, let name = intended.name, let directory = try existing(intended.parent),
            let status = try naming("stat", directory.path(of: name), directory.status(of: name))
        {
            // The name alone proves nothing: another file may have it by now.
            let changes = disposal.expected?.changes(to: FileIdentity(status)).subtracting(.changed) ?? []
            if changes.isEmpty { return intended }
        }
        guard let expected = disposal.expected, let target = try existing(targetPath) else { return nil }
        return try naming("look into", target.path, target.find(disposal.name, expected)).map(targetPath.appending)
    }
}
