import CLinux
import SpoolPrimitives

/// What a file system is, by the number that statfs(2) gives for it.
package enum Filesystem: Sendable, Hashable {
    case local
    /// Served over the network or by a process: no notifications of other hosts' changes, no trustworthy locks or fsync.
    case network(name: String)

    /// - Parameter type: statfs(2)'s `f_type`.
    package init(type: Int64) {
        self = Self.networkTypes[UInt32(truncatingIfNeeded: type)].map { .network(name: $0) } ?? .local
    }

    /// The numbers of linux/magic.h, and of those that keep theirs in their own sources (Lustre, GPFS, BeeGFS, VirtualBox, VMware, Parallels).
    private static let networkTypes: [UInt32: String] = [
        0x6969: "NFS", 0xFF53_4D42: "CIFS", 0x517B: "SMB", 0xFE53_4D42: "SMB2", 0x6573_5546: "FUSE", 0x0102_1997: "9p", 0x5346_414F: "AFS",
        0x6B41_4653: "AFS", 0x00C3_6400: "Ceph", 0x4750_4653: "GPFS", 0x0BD0_0BD0: "Lustre", 0x7375_7245: "Coda", 0x564C: "NCP",
        0x1983_0326: "BeeGFS", 0x2003_0528: "OrangeFS", 0x7461_636F: "OCFS2", 0x0116_1970: "GFS2", 0x786F_4256: "vboxsf",
        0xBACB_ACBC: "vmhgfs", 0x7C7C_6673: "prl_fs",
    ]

    static func of(_ directory: OpenDirectory) throws(SystemErrno) -> Filesystem {
        Filesystem(type: try systemCall { ksc_filesystem_type(directory.raw) })
    }

    /// Refuses a directory on a network file system: protocol.md §1, for the state directory always, for a spool unless it is asked for.
    static func requireLocal(_ directory: OpenDirectory, hint: String) throws(SpoolError) {
        let filesystem: Filesystem
        do { filesystem = try .of(directory) } catch { throw SpoolError("statfs", directory.path, error) }
        if case .network(let name) = filesystem {
            throw SpoolError(.networkFilesystem(name), "use", directory.path, hint: hint)
        }
    }
}
