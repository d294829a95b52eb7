import CLinux
import Glibc
import SpoolPrimitives

/// A marker as it was when its file was found complete by it.
package struct SeenMarker: Sendable, Hashable {
    package var name: FileName
    package var seen: FileObservation

    package init(name: FileName, seen: FileObservation) {
        self.name = name
        self.seen = seen
    }

    /// Whether an entry of its name is still this marker, and was not written again since. Its ctime says nothing: our own rename sets it.
    fileprivate func isStill(_ status: stat) -> Bool {
        EntryKind(status) == .regular && UInt64(status.st_ino) == seen.inode && UInt64(status.st_dev) == seen.device
            && Int64(status.st_size) == seen.size && nanoseconds(status.st_mtim) == seen.modified
    }
}

/// Producers drop one name again and again, so the next file's marker may come at any moment, under the same name.
///
/// The rule (protocol.md §1): a marker is removed with the file that was claimed by it, and no other ever is. No call unlinks a name only if it is a
/// certain file, so the marker is first renamed to where producers cannot reach it, `.active/.markers/` and below it the path that it came from, looked
/// at there, and unlinked or put back. Whatever a crash leaves there goes back where it was: at worst a marker whose file is claimed already, and such
/// a one is older than the next file of its name, which is how `Completeness` knows it.
extension SpoolRoot {
    /// Removes the markers of claimed files, after the claim is committed: those that were seen, and none that has taken the name since.
    ///
    /// Not durable by itself, and need not be. One thread at a time. Blocks.
    package func removeMarkers(_ markers: [SeenMarker], in directory: RelativePath) throws(SpoolError) {
        guard !markers.isEmpty, let source = try sourceDirectory(directory) else { return }
        let aside = try makeAside(for: directory)
        for marker in markers { try naming("remove", source.path(of: marker.name), remove(marker, from: source, by: aside)) }
        try removeAside(for: directory)
    }

    private func remove(_ marker: SeenMarker, from source: OpenDirectory, by aside: OpenDirectory) throws(SystemErrno) {
        // Nearly always the answer, at the price of one look.
        guard let status = try source.status(of: marker.name), marker.isStill(status) else { return }
        options.hooks.beforeMarkerMove?(marker.name)
        do { try source.move(marker.name, to: aside, as: marker.name) } catch {
            // Gone; or an error of before left one there, which the next start puts back. A marker that stays is no harm.
            if error.code == ENOENT || error.code == EEXIST { return }
            throw error
        }
        guard let moved = try aside.status(of: marker.name) else { return }
        if marker.isStill(moved), try !isBeingWritten(marker.name, in: aside) { return try aside.remove(marker.name) }
        try putBack(marker.name, from: aside, to: source)
    }

    /// A producer that opened the marker before it was renamed, to write it again, has not changed its mtime yet.
    private func isBeingWritten(_ name: FileName, in aside: OpenDirectory) throws(SystemErrno) -> Bool {
        guard usesLeases else { return false }
        let raw = name.withCString { ksc_openat(aside.raw, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0) }
        // One that we may not read, we may still remove.
        return raw >= 0 && ReadLease.take(Descriptor(owning: raw)) == .refused
    }

    private func putBack(_ name: FileName, from aside: OpenDirectory, to source: OpenDirectory) throws(SystemErrno) {
        do { try aside.move(name, to: source, as: name) } catch {
            guard error.code == EEXIST else { throw error }
            // A third one came meanwhile. Had ours stood there, it would have been replaced.
            try aside.remove(name)
        }
    }

    // MARK: - Where they are put aside

    private static func aside(for directory: RelativePath) -> RelativePath {
        RelativePath([SpoolNames.active, SpoolNames.markers]).appending(directory)
    }

    private func makeAside(for directory: RelativePath) throws(SpoolError) -> OpenDirectory {
        var opened = active
        for name in Self.aside(for: directory).components.dropFirst() {
            try naming("make", opened.path(of: name), opened.makeDirectory(name, mode: 0o700))
            opened = try naming("open", opened.path(of: name), opened.open(name))
        }
        return opened
    }

    private func removeAside(for directory: RelativePath) throws(SpoolError) {
        var path = Self.aside(for: directory)
        while path.depth > 1, let name = path.name, let parent = try existing(path.parent) {
            guard try removeIfEmpty(name, in: parent) else { return }
            path = path.parent
        }
    }

    /// Puts back what a crash left aside; for the start, before anything is claimed.
    package func returnMarkers() throws(SpoolError) { try returnMarkers(of: .root) }

    private func returnMarkers(of directory: RelativePath) throws(SpoolError) {
        guard let aside = try existing(Self.aside(for: directory)) else { return }
        // A directory that is gone takes no marker back; what was left of it stays here, and is no harm.
        let source = try sourceDirectory(directory)
        let reader = DirectoryReader(aside, windowBytes: options.windowBytes)
        while let entries = try naming("read", aside.path, reader.next()) {
            for entry in entries {
                if entry.kind == .directory {
                    try returnMarkers(of: directory.appending(entry.name))
                } else if let source {
                    try naming("return", aside.path(of: entry.name), putBack(entry.name, from: aside, to: source))
                }
            }
        }
        let path = Self.aside(for: directory)
        // One level, and not all that are empty: the caller is reading the one above.
        if let name = path.name, let parent = try existing(path.parent) { _ = try removeIfEmpty(name, in: parent) }
    }
}
