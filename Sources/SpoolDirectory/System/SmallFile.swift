import CLinux
import Glibc
import SpoolPrimitives

/// The spool's own little files: owner, pid, reasons, origin of a claim.
extension OpenDirectory {
    static let temporaryPrefix: StaticString = ".writing"

    /// Reads at most `limit` bytes of a regular file; nil where there is none. A link is refused (ELOOP).
    func readSmallFile(_ name: FileName, limit: Int = 64 << 10) throws(SystemErrno) -> [UInt8]? {
        let raw: Int32
        do {
            raw = try systemCall { name.withCString { ksc_openat(self.raw, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0) } }
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
        return try Descriptor(owning: raw).readAll(limit: limit)
    }

    /// Makes `name` a file of these bytes, whole or not at all, replacing an older one; the bytes are durable, the entry is not until
    /// this directory is synced.
    ///
    /// The one rename that replaces: both files are ours.
    func writeSmallFile(_ name: FileName, _ bytes: [UInt8], mode: UInt32 = 0o640) throws(SpoolError) {
        let slot = WritingSlots.take()
        defer { WritingSlots.giveBack(slot) }
        let temporary = FileName(literal: Self.temporaryPrefix).appending("-\(slot)")
        let file = try steps("write", path(of: name)) { () throws(SystemErrno) in
            // What a crash left behind may have another mode or be a link: never opened, only removed.
            try removeIfPresent(temporary)
            let raw = try systemCall {
                temporary.withCString { ksc_openat(self.raw, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode) }
            }
            let file = Descriptor(owning: raw)
            try file.writeAll(bytes)
            return file
        }
        do { try systemCall { fsync(file.raw) } } catch { throw .fsync(path(of: name), error) }
        do {
            try systemCall { temporary.withCString { from in name.withCString { to in renameat(raw, from, raw, to) } } }
        } catch {
            // Nobody else would take it away; where that fails too, the next to write does.
            do { try removeIfPresent(temporary) } catch {}
            throw SpoolError("write", path(of: name), error)
        }
    }
}

extension FileName {
    /// Whether it is what `writeSmallFile` writes to before it renames.
    var isTemporary: Bool { bytes.starts(with: Array("\(OpenDirectory.temporaryPrefix)-".utf8)) }
}

/// Numbers for temporary names: no two threads write under one at a time, and the few that there are come again, so that what a crash left
/// is found and removed by the next to write.
private enum WritingSlots {
    private static let taken = Lock<Set<Int>>([])

    static func take() -> Int {
        taken.withLock { taken in
            var slot = 1
            while taken.contains(slot) { slot += 1 }
            taken.insert(slot)
            return slot
        }
    }

    static func giveBack(_ slot: Int) { taken.withLock { _ = $0.remove(slot) } }
}

extension Descriptor {
    /// Reads from the start, at most `limit` bytes.
    func readAll(limit: Int) throws(SystemErrno) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limit {
            let count = try systemCall { pread(raw, &chunk, min(chunk.count, limit - bytes.count), off_t(bytes.count)) }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes
    }

    /// Writes all of it at the file's position.
    func writeAll(_ bytes: [UInt8]) throws(SystemErrno) {
        var written = 0
        while written < bytes.count {
            written += try systemCall { () -> Int in
                bytes.withUnsafeBytes { write(raw, $0.baseAddress.map { $0 + written }, bytes.count - written) }
            }
        }
    }
}
