import Glibc
import SpoolPrimitives

/// The directories that a batch of disposals moves files into: each opened once, and made durable once.
///
/// Directories made on the way are durable in their parents before the batch returns: fsync of a directory says nothing about its own entry.
struct TargetDirectories {
    /// A batch over more directories than this syncs them in between, so that its descriptors stay few.
    private static let limit = 64

    private let spool: SpoolRoot
    private var opened: [RelativePath: OpenDirectory] = [:]
    private var unsynced: [RelativePath: OpenDirectory] = [:]

    init(_ spool: SpoolRoot) { self.spool = spool }

    /// Opens a directory below the spool's root, making what is missing of it; `note` it for the sync if something is moved in.
    mutating func open(_ path: RelativePath, mode: mode_t = 0o750) throws(SpoolError) -> OpenDirectory {
        if let directory = opened[path] { return directory }
        guard let name = path.name else { return spool.root }
        let parent = try open(path.parent, mode: mode)
        let isNew = try naming("make", parent.path(of: name), parent.makeDirectory(name, mode: mode))
        if isNew { unsynced[path.parent] = parent }
        let directory = try naming("open", parent.path(of: name), parent.open(name))
        opened[path] = directory
        return directory
    }

    /// Remembers that a file went in or out.
    mutating func note(_ path: RelativePath, _ directory: OpenDirectory) throws(SpoolError) {
        unsynced[path] = directory
        if opened.count > Self.limit {
            try sync()
            opened = [:]
        }
    }

    /// Makes all of it durable, the deepest directories first.
    mutating func sync() throws(SpoolError) {
        for (_, directory) in unsynced.sorted(by: { $0.key.depth > $1.key.depth }) { try directory.sync() }
        unsynced = [:]
    }
}
