import CLinux
import Glibc

/// What a directory entry is.
package enum EntryKind: Sendable, Hashable {
    case regular
    case directory
    case symbolicLink
    case fifo
    case socket
    case device

    /// By the file type of `st_mode` (inode(7)); in numbers, since two modules bring the same macros.
    init(_ status: stat) {
        switch status.st_mode & 0o170000 {
        case 0o100000: self = .regular
        case 0o040000: self = .directory
        case 0o120000: self = .symbolicLink
        case 0o010000: self = .fifo
        case 0o140000: self = .socket
        default: self = .device
        }
    }

    /// - Parameter type: getdents64's `d_type`. Returns nil where the file system does not say.
    init?(directoryEntryType type: UInt8) {
        switch Int(type) {
        case Int(DT_REG): self = .regular
        case Int(DT_DIR): self = .directory
        case Int(DT_LNK): self = .symbolicLink
        case Int(DT_FIFO): self = .fifo
        case Int(DT_SOCK): self = .socket
        case Int(DT_BLK), Int(DT_CHR): self = .device
        default: return nil
        }
    }
}

extension EntryKind: CustomStringConvertible {
    package var description: String {
        switch self {
        case .regular: "regular file"
        case .directory: "directory"
        case .symbolicLink: "symbolic link"
        case .fifo: "FIFO"
        case .socket: "socket"
        case .device: "device"
        }
    }
}
