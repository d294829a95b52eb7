import CLinux
import Glibc
import SpoolPrimitives

/// A part of a scan: names of one directory.
package struct ScanWindow: Sendable {
    /// Where they are, below the root.
    package var directory: RelativePath
    /// Visible regular files, not looked at any further. Where a marker is asked for, markers are among them.
    package var names: [FileName]
    /// What is no regular file, each reported once in the life of the spool's object.
    package var oddities: [Oddity]
}

/// Where a scan stands: what the next window begins with.
///
/// A million names never stand in memory: a window is `Options.windowBytes` of directory entries, and a tree is walked depth first with one
/// window per level kept. Files that come or go while the scan runs may be seen or not; all others are seen once. The order is the file
/// system's. One thread at a time; a second one waits.
package final class ScanCursor: Sendable {
    private struct Level {
        var reader: DirectoryReader
        var path: RelativePath
        /// Of the window read last, still to be entered.
        var subdirectories: [FileName] = []
    }

    private let root: SpoolRoot
    private let levels: Lock<[Level]>

    init(_ root: SpoolRoot, _ directory: OpenDirectory, at path: RelativePath) {
        self.root = root
        levels = Lock([Level(reader: DirectoryReader(directory, windowBytes: root.options.windowBytes), path: path)])
    }

    /// The next window, which may be without names; nil when the scan is complete. Blocks while it reads.
    package func next() throws(SpoolError) -> ScanWindow? {
        try levels.withLock { levels throws(SpoolError) in
            var oddities: [Oddity] = []
            while var level = levels.popLast() {
                if let name = level.subdirectories.popLast() {
                    levels.append(level)
                    if let below = try enter(name, from: level, &oddities) { levels.append(below) }
                    continue
                }
                guard let entries = try naming("read", level.reader.directory.path, level.reader.next()) else { continue }
                let names = sort(entries, &level, &oddities)
                let path = level.path
                levels.append(level)
                return ScanWindow(directory: path, names: names, oddities: oddities)
            }
            return oddities.isEmpty ? nil : ScanWindow(directory: .root, names: [], oddities: oddities)
        }
    }

    private func sort(_ entries: [DirectoryReader.Entry], _ level: inout Level, _ oddities: inout [Oddity]) -> [FileName] {
        var names: [FileName] = []
        for entry in entries where !SpoolRoot.isOwn(entry.name, in: level.path) {
            switch entry.kind {
            case nil: break  // Gone already.
            case .regular: names.append(entry.name)
            case .directory where level.path.depth < root.options.treeDepth: level.subdirectories.append(entry.name)
            case .directory: root.report(.notScanned, level.path.appending(entry.name), &oddities)
            case .symbolicLink?, .fifo?, .socket?, .device?:
                if let kind = entry.kind { root.report(.notRegular(kind), level.path.appending(entry.name), &oddities) }
            }
        }
        return names
    }

    /// Opens a subdirectory. One that is gone or was replaced meanwhile is left to the next scan.
    private func enter(_ name: FileName, from level: Level, _ oddities: inout [Oddity]) throws(SpoolError) -> Level? {
        let path = level.path.appending(name)
        let directory: OpenDirectory
        do { directory = try level.reader.directory.open(name) } catch {
            switch error.code {
            case ENOENT, ENOTDIR, ELOOP: return nil
            case EACCES:
                root.report(.unreadableDirectory, path, &oddities)
                return nil
            default: throw SpoolError("open", level.reader.directory.path(of: name), error)
            }
        }
        guard OneMount.mayRename(try OneMount.place(of: root.root), try OneMount.place(of: directory)) else {
            root.report(.otherMount, path, &oddities)
            return nil
        }
        return Level(reader: DirectoryReader(directory, windowBytes: root.options.windowBytes), path: path)
    }
}

extension SpoolRoot {
    /// Begins a scan of the root and, as far as `treeDepth` goes, of its subdirectories.
    ///
    /// - Parameter directory: begins there instead, for a directory that the watch found new.
    package func scan(_ directory: RelativePath = .root) throws(SpoolError) -> ScanCursor {
        precondition(directory.depth <= options.treeDepth, "a scan deeper than the tree")
        try requireRoot()
        // A descriptor of its own: the position belongs to it, and several scans may be under way.
        let opened = try naming("open", "\(path)/\(directory.displayText)", root.reopen().open(directory))
        return ScanCursor(self, opened, at: directory)
    }

    /// Throws `.rootReplaced` once the configured path is no longer the directory that is held open: producers drop elsewhere then.
    ///
    /// Nothing else would tell: as long as we hold it, the kernel keeps a removed directory, and its watch stays silent.
    package func requireRoot() throws(SpoolError) {
        var named = stat()
        var held = stat()
        try naming("stat", path, systemCall { fstat(root.raw, &held) })
        if stat(path, &named) == 0 ? named.st_ino == held.st_ino && named.st_dev == held.st_dev : errno != ENOENT { return }
        throw SpoolError(
            .rootReplaced, "scan", path, hint: "Restart the daemon with 'systemctl restart kusto-spool' when the directory is in its place")
    }

    /// Whether an entry is none of the producers': hidden, or the daemon's own directory.
    static func isOwn(_ name: FileName, in directory: RelativePath) -> Bool {
        name.isHidden || directory.components.isEmpty && (name == SpoolNames.done || name == SpoolNames.failed)
    }

    func report(_ kind: Oddity.Kind, _ path: RelativePath, _ oddities: inout [Oddity]) {
        let oddity = Oddity(kind: kind, path: path)
        if reported.withLock({ $0.insert(oddity) }) { oddities.append(oddity) }
    }
}
