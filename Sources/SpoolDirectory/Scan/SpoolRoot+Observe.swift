import CLinux
import Glibc
package import SpoolPrimitives

extension SpoolRoot {
    /// Looks at entries without opening them, for `Completeness`; nil for one that is gone or no regular file. Blocks.
    ///
    /// - Parameter now: written into the observations.
    package func observe(_ names: [FileName], in directory: RelativePath, now: Timestamp) throws(SpoolError) -> [FileObservation?] {
        let opened = try sourceDirectory(directory)
        return try names.map { (name) throws(SpoolError) in
            guard let opened, let status = try naming("stat", opened.path(of: name), opened.status(of: name)),
                EntryKind(status) == .regular
            else { return nil }
            return FileObservation(
                size: Int64(status.st_size), modified: nanoseconds(status.st_mtim), changed: nanoseconds(status.st_ctim), at: now,
                inode: UInt64(status.st_ino), device: UInt64(status.st_dev))
        }
    }

    /// A directory that producers drop into; nil where it is gone (or has become something else) meanwhile.
    func sourceDirectory(_ directory: RelativePath) throws(SpoolError) -> OpenDirectory? {
        if directory.components.isEmpty { return root }
        precondition(!Self.isOwn(directory.components[0], in: .root), "\(directory) is not the producers'")
        do { return try root.open(directory) } catch {
            switch error.code {
            case ENOENT, ENOTDIR, ELOOP: return nil
            default: throw SpoolError("open", "\(path)/\(directory.displayText)", error)
            }
        }
    }
}
