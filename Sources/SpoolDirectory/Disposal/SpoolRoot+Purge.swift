import Glibc
import SpoolPrimitives

/// What one call of `purgeDone` did.
package struct PurgeResult: Sendable, Equatable {
    /// Files unlinked.
    package var removed = 0
    /// Whether nothing older is left that could be removed.
    package var isComplete = true
    /// What does not belong there and was left: links, devices, hidden entries.
    package var foreign: [RelativePath] = []
}

extension SpoolRoot {
    /// Removes files of done/ that were settled before a day (protocol.md §3, rule 8), and the directories that they leave empty.
    ///
    /// Only regular files in directories of done/ that are named by a date before `date`; anything else is left and named. Not durable by
    /// itself: after a power cut a purged file may be there again, and is purged again. Blocks; at most `limit` files a call, so that a
    /// week's million does not hold the thread.
    package func purgeDone(before date: UTCDate, limit: Int = 1000) throws(SpoolError) -> PurgeResult {
        var result = PurgeResult()
        let reader = DirectoryReader(try naming("open", done.path, done.reopen()), windowBytes: options.windowBytes)
        while let entries = try naming("read", done.path, reader.next()) {
            for entry in entries {
                guard let day = UTCDate(entry.name.displayText), day < date, entry.kind == .directory else { continue }
                let path = RelativePath([SpoolNames.done, entry.name])
                let directory = try naming("open", done.path(of: entry.name), done.open(entry.name))
                guard try purge(directory, at: path, limit, &result) else {
                    result.isComplete = false
                    return result
                }
                _ = try removeIfEmpty(entry.name, in: done)
            }
        }
        return result
    }

    private static let deepestMirror = 34

    /// - Returns: false when the limit is reached.
    private func purge(_ directory: OpenDirectory, at path: RelativePath, _ limit: Int, _ result: inout PurgeResult) throws(SpoolError)
        -> Bool
    {
        let reader = DirectoryReader(directory, windowBytes: 16 << 10)
        while let entries = try naming("read", directory.path, reader.next()) {
            for entry in entries {
                switch entry.kind {
                case .regular where !entry.name.isHidden:
                    guard result.removed < limit else { return false }
                    if try naming("remove", directory.path(of: entry.name), directory.removeIfPresent(entry.name)) { result.removed += 1 }
                case .directory:
                    // As deep as a tree may have been configured; the recursion needs an end.
                    guard path.depth < Self.deepestMirror else {
                        result.foreign.append(path.appending(entry.name))
                        continue
                    }
                    let below = try naming("open", directory.path(of: entry.name), directory.open(entry.name))
                    guard try purge(below, at: path.appending(entry.name), limit, &result) else { return false }
                    _ = try removeIfEmpty(entry.name, in: directory)
                case nil: continue
                case .regular?, .symbolicLink?, .fifo?, .socket?, .device?: result.foreign.append(path.appending(entry.name))
                }
            }
        }
        return true
    }
}
