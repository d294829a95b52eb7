import CLinux
import Glibc

/// What tells a file from another and from its own later state: the ledger's row keeps it, and every later step compares.
///
/// The times are as fine as the file system's clock: before Linux 6.13 that is a tick of 1 to 10 ms, and a change that keeps the size and comes
/// within the claim's own tick goes unseen. The claim's lease is what keeps writers of that moment out.
package struct FileIdentity: Sendable, Hashable {
    package var inode: UInt64
    /// Informative only: device numbers change across restarts, so `changes(to:)` leaves it out.
    package var device: UInt64
    /// Bytes.
    package var size: Int64
    /// Nanoseconds since 1970, by the file system's clock.
    package var modified: Int64
    /// Nanoseconds since 1970. A rename sets it too, so the value that counts is the one read after the claim.
    package var changed: Int64

    package init(inode: UInt64, device: UInt64, size: Int64, modified: Int64, changed: Int64) {
        self.inode = inode
        self.device = device
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    init(_ status: stat) {
        self.init(
            inode: UInt64(status.st_ino), device: UInt64(status.st_dev), size: Int64(status.st_size),
            modified: nanoseconds(status.st_mtim), changed: nanoseconds(status.st_ctim))
    }

    /// Whether it is the earlier one's file with the earlier one's bytes, as far as inode, size and mtime tell; a rename has changed the ctime.
    func isSameFile(as earlier: FileIdentity) -> Bool { earlier.changes(to: self).isSubset(of: .changed) }

    /// What differs between this state and a later one of what should be the same file.
    package func changes(to later: FileIdentity) -> FileChanges {
        var changes: FileChanges = []
        if later.inode != inode { changes.insert(.inode) }
        if later.size != size { changes.insert(.size) }
        if later.modified != modified { changes.insert(.modified) }
        if later.changed != changed { changes.insert(.changed) }
        return changes
    }
}

/// What about a file is no longer as it was.
package struct FileChanges: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let inode = FileChanges(rawValue: 1)
    package static let size = FileChanges(rawValue: 2)
    package static let modified = FileChanges(rawValue: 4)
    /// Also by chmod, chown and link, which leave the bytes alone; told from a change of the bytes by `.modified`.
    package static let changed = FileChanges(rawValue: 8)
}

extension FileChanges: CustomStringConvertible {
    /// `size, mtime`: for events.
    package var description: String {
        let names: [(FileChanges, String)] = [(.inode, "inode"), (.size, "size"), (.modified, "mtime"), (.changed, "ctime")]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}

func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) }
