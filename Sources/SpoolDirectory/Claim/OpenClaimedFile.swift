import CLinux
import Glibc
package import SpoolPrimitives

/// A claimed file held open for reading (protocol.md §3, rule 3): by descriptor, so that what is read is what was compared.
///
/// Blocking calls, from any thread; reads at several offsets may be under way at once.
package final class OpenClaimedFile: Sendable {
    /// What became of a file since its row was written.
    package enum Opening: Sendable {
        case unchanged(OpenClaimedFile)
        /// Open all the same: the caller decides whether it waits for quiet, or takes the new state into a new row.
        case changed(OpenClaimedFile, FileChanges)
        /// Neither under its name nor as anything that is a file.
        case vanished
        /// `held` by protocol.md §2.
        case unreadable(SystemErrno)
    }

    /// As the ledger's row has it.
    package let expected: FileIdentity
    private let file: Descriptor
    private let path: String

    private init(expected: FileIdentity, file: Descriptor, path: String) {
        self.expected = expected
        self.file = file
        self.path = path
    }

    /// Opens a claimed file, following no link, and compares it with its row. Throws what is not this file's own fault.
    package static func open(_ spool: SpoolRoot, _ claim: ClaimName, _ name: FileName, expecting expected: FileIdentity) throws(SpoolError)
        -> Opening
    {
        let claimPath = RelativePath([claim.fileName, name])
        let path = "\(spool.active.path)/\(claimPath.displayText)"
        let descriptor: Descriptor
        do {
            // .active and the claims are 0700 and ours: only the last name needs O_NOFOLLOW.
            let raw = try systemCall {
                claimPath.withCString { ksc_openat(spool.active.raw, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0) }
            }
            descriptor = Descriptor(owning: raw)
        } catch {
            switch error.code {
            case ENOENT, ENOTDIR, ELOOP, ENXIO: return .vanished
            case EMFILE, ENFILE, ENOMEM: throw SpoolError("open", path, error)
            default: return .unreadable(error)
            }
        }
        let file = OpenClaimedFile(expected: expected, file: descriptor, path: path)
        let status = try file.status()
        guard EntryKind(status) == .regular else { return .vanished }
        // Advice only; a file system that takes none reads as it does.
        _ = posix_fadvise(descriptor.raw, 0, 0, POSIX_FADV_SEQUENTIAL)
        let changes = expected.changes(to: FileIdentity(status))
        return changes.isEmpty ? .unchanged(file) : .changed(file, changes)
    }

    /// Reads into `buffer` from `offset` on, as much as fits and is there.
    ///
    /// - Returns: the number of bytes; less than the buffer holds only at the end of the file.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SpoolError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try naming(
                "read", path,
                systemCall { pread(file.raw, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, off_t(offset + Int64(filled))) }
            )
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// What differs now from the row: asked again after the last byte was read, since what was read counts only if nothing changed meanwhile.
    package func changes() throws(SpoolError) -> FileChanges { expected.changes(to: try identity()) }

    /// What the open file is like now.
    package func identity() throws(SpoolError) -> FileIdentity { FileIdentity(try status()) }

    private func status() throws(SpoolError) -> stat {
        var status = stat()
        try naming("stat", path, systemCall { fstat(file.raw, &status) })
        return status
    }
}
