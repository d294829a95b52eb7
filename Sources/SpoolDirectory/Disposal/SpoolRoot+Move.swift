import Glibc
import SpoolPrimitives

extension SpoolRoot {
    /// Moves a disposed file to where a later, better verdict wants it (protocol.md §2): failed/ to done/, or back.
    ///
    /// Durable when it returns, its reason written or removed. Repeated after a crash, it finds the file there. Blocks.
    /// - Parameters:
    ///   - path: where it is, below the root: in done/ or failed/.
    ///   - name: its own name, without the number that it may have got.
    ///   - directory: where it was dropped, below the root.
    ///   - expected: the file's row, by inode, size and mtime; what is something else by now is not touched.
    /// - Returns: `.moved`, `.alreadyThere`, `.vanished`, `.changed` or `.refused`.
    package func move(
        _ path: RelativePath, originally name: FileName, from directory: RelativePath, expecting expected: FileIdentity?,
        to target: DisposalTarget
    ) throws(SpoolError) -> DisposalOutcome {
        try requireDisposed(path)
        let targetPath: RelativePath
        switch target {
        case .done(let date): targetPath = RelativePath([SpoolNames.done, date.fileName]).appending(directory)
        case .failed: targetPath = RelativePath([SpoolNames.failed]).appending(directory)
        case .removed: throw refusal("remove", path)
        }
        var directories = TargetDirectories(self)
        let outcome = try relocate(path, to: targetPath, as: name, expecting: expected, &directories)
        switch outcome {
        case .moved(let final), .alreadyThere(let final):
            if case .failed(let reason) = target { try writeReason(reason, for: final, &directories) }
            try directories.sync()
            // Another file that has taken the place meanwhile has its own reason there.
            if path.components.first == SpoolNames.failed, final != path, try identity(at: path) == nil { try removeReason(for: path) }
        case .removed, .vanished, .changed, .changedThere, .refused: break
        }
        return outcome
    }

    /// Moves a disposed file back into the root, to be claimed as if it were dropped anew: `kusto-spool retry`.
    ///
    /// Never over another file and never under another name: throws `.nameTaken` while a file of its name waits there, `.notFound` when it
    /// is not at `path`. Durable when it returns. Blocks.
    /// - Returns: where it is now.
    @discardableResult
    package func returnToRoot(_ path: RelativePath, originally name: FileName, to directory: RelativePath = .root) throws(SpoolError)
        -> RelativePath
    {
        try requireDisposed(path)
        guard !Self.isOwn(directory.appending(name).components[0], in: .root), let stored = path.name else { throw refusal("return", path) }
        guard let source = try existing(path.parent) else {
            throw SpoolError("return", "\(self.path)/\(path.displayText)", SystemErrno(ENOENT))
        }
        var directories = TargetDirectories(self)
        // Producers must be able to drop into a directory that was theirs.
        let target = try directories.open(directory, mode: 0o2770)
        do { try source.move(stored, to: target, as: name) } catch {
            throw SpoolError(
                "return", source.path(of: stored), error,
                hint: error.code == EEXIST ? "A file of this name waits in \(target.path): try again when it is claimed" : nil)
        }
        try directories.note(directory, target)
        try directories.sync()
        if path.components.first == SpoolNames.failed { try removeReason(for: path) }
        return directory.appending(name)
    }

    private func relocate(
        _ path: RelativePath, to targetPath: RelativePath, as name: FileName, expecting expected: FileIdentity?,
        _ directories: inout TargetDirectories
    ) throws(SpoolError) -> DisposalOutcome {
        if let stored = path.name, let source = try existing(path.parent),
            let status = try naming("stat", source.path(of: stored), source.status(of: stored)),
            EntryKind(status) == .regular
        {
            let changes = expected?.changes(to: FileIdentity(status)).subtracting(.changed) ?? []
            // Another file has the place: of the same name, put there when this one had been moved on, a moment before a crash.
            if changes.contains(.inode), let found = try findMoved(to: targetPath, as: name, expecting: expected, &directories) {
                return found
            }
            if !changes.isEmpty { return .changed(changes) }
            if path.parent == targetPath { return .alreadyThere(path) }
            let target = try directories.open(targetPath)
            let final = try naming("move", source.path(of: stored), source.moveToFreeName(stored, to: target, as: name))
            try directories.note(targetPath, target)
            return .moved(to: targetPath.appending(final))
        }
        return try findMoved(to: targetPath, as: name, expecting: expected, &directories) ?? .vanished
    }

    /// The file where a move before a crash has put it; nil where it is not there.
    private func findMoved(
        to targetPath: RelativePath, as name: FileName, expecting expected: FileIdentity?, _ directories: inout TargetDirectories
    ) throws(SpoolError) -> DisposalOutcome? {
        guard let expected, let target = try existing(targetPath),
            let found = try naming("look into", target.path, target.find(name) { $1.isSameFile(as: expected) })
        else { return nil }
        try directories.note(targetPath, target)
        return .alreadyThere(targetPath.appending(found))
    }

    private func requireDisposed(_ path: RelativePath) throws(SpoolError) {
        let isDisposed =
            path.components.first == SpoolNames.done && path.depth > 2
            || path.components.first == SpoolNames.failed && path.depth > 1 && path.components[1] != SpoolNames.reasons
        if !isDisposed { throw refusal("move", path) }
    }

    private func refusal(_ operation: String, _ path: RelativePath) -> SpoolError {
        SpoolError(.refused, operation, "\(self.path)/\(path.displayText)", hint: "Only files in done/ and failed/ are moved this way")
    }
}
