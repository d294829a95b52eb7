import SpoolPrimitives

/// The regular files below one of the spool's directories, in windows of a bounded size: for a comparison with the ledger.
///
/// No link is followed, hidden entries are passed over where `hidden` is not asked for, and what is deeper than a tree may be is left out. Files that
/// come or go meanwhile may be seen or not. One thread at a time.
package final class TreeListing {
    private static let deepest = 34
    private var readers: [(path: RelativePath, reader: DirectoryReader)] = []
    private var waiting: [RelativePath] = []
    private let spool: SpoolRoot
    private let listsHidden: Bool
    private let leavesOut: Set<RelativePath>

    init(_ spool: SpoolRoot, _ top: RelativePath, hidden: Bool, leavingOut: Set<RelativePath> = []) {
        self.spool = spool
        listsHidden = hidden
        leavesOut = leavingOut
        waiting = [top]
    }

    /// The next files, below the spool's root; nil when all were seen. Blocks while it reads.
    package func next() throws(SpoolError) -> [RelativePath]? {
        while true {
            guard let (path, reader) = readers.last else {
                guard let directory = waiting.popLast() else { return nil }
                if let opened = try spool.existing(directory) {
                    readers.append((directory, DirectoryReader(opened, windowBytes: spool.options.windowBytes)))
                }
                continue
            }
            guard let entries = try naming("read", reader.directory.path, reader.next()) else {
                readers.removeLast()
                continue
            }
            var files: [RelativePath] = []
            for entry in entries where listsHidden || !entry.name.isHidden {
                let below = path.appending(entry.name)
                switch entry.kind {
                case .regular: files.append(below)
                case .directory where below.depth < Self.deepest && !leavesOut.contains(below): waiting.append(below)
                default: continue
                }
            }
            if !files.isEmpty { return files }
        }
    }
}
