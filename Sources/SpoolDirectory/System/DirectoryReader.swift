import CLinux
import Glibc
import SpoolPrimitives

/// Reads a directory's entries in windows of a bounded size, in the file system's order.
///
/// getdents64 itself, and not readdir: FileManager's enumerators cost 3 to 20 times as much, and readdir hides when it asks the kernel.
/// Entries that come or go meanwhile may be seen or not; the others are seen once.
final class DirectoryReader {
    struct Entry {
        var name: FileName
        /// Nil where the file system leaves it open, and after it by fstatat if the entry is gone already.
        var kind: EntryKind?
    }

    let directory: OpenDirectory
    private let windowBytes: Int

    /// - Parameter directory: opened for this reader alone, since the position belongs to the descriptor.
    init(_ directory: OpenDirectory, windowBytes: Int) {
        self.directory = directory
        self.windowBytes = windowBytes
    }

    /// The next window without `.` and `..`; nil at the end.
    func next() throws(SystemErrno) -> [Entry]? {
        // Not kept from one window to the next: as many scans are under way as there are spools.
        let buffer = try window()
        let length = buffer.count
        if length == 0 { return nil }
        var entries: [Entry] = []
        // struct linux_dirent64: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name to its NUL (getdents64(2)).
        var start = 0
        while start < length {
            let recordLength = Int(buffer[start + 16]) | Int(buffer[start + 17]) << 8
            precondition(recordLength >= 20 && start + recordLength <= length, "getdents64 gave a record of \(recordLength) bytes")
            let name = buffer[(start + 19)..<(start + recordLength)].prefix { $0 != 0 }
            if let name = FileName(bytes: name) {
                let known = EntryKind(directoryEntryType: buffer[start + 18])
                entries.append(Entry(name: name, kind: known == nil ? try kind(of: name) : known))
            }
            start += recordLength
        }
        return entries
    }

    private func window() throws(SystemErrno) -> [UInt8] {
        var failure: SystemErrno?
        let window = [UInt8](unsafeUninitializedCapacity: windowBytes) { bytes, count in
            guard let base = bytes.baseAddress else { preconditionFailure("a window has a size") }
            do throws(SystemErrno) {
                count = try systemCall { ksc_getdents64(directory.raw, base, windowBytes) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return window
    }

    private func kind(of name: FileName) throws(SystemErrno) -> EntryKind? {
        try directory.status(of: name).map { EntryKind($0) }
    }
}
