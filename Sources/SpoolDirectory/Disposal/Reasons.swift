import Glibc
import SpoolPrimitives

/// failed/.reasons/: for each file in failed/ why it is there, under its own path with `.json` behind it.
///
/// Written after the file is moved, since the move decides the name. A crash between the two leaves a file without its reason; its disposal is
/// not committed then, so it is repeated, finds the file `alreadyThere`, and writes the reason. The other order would leave reasons of files
/// that never came, or got another name.
enum Reasons {
    /// The path of a reason below failed/.reasons/, for a file's path below failed/.
    static func path(for file: RelativePath) -> RelativePath {
        guard let name = file.name else { preconditionFailure("the root has no reason") }
        return file.parent.appending(Self.name(for: name))
    }

    /// `<name>.json`; for a name too long for that, its beginning and a hash of all of it, so that two names never share a reason.
    private static func name(for name: FileName) -> FileName {
        let suffix = ".json"
        if name.length + suffix.utf8.count <= FileName.maximumLength { return name.appending(suffix) }
        // FNV-1a, 64 bits.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return name.appending(".~" + String(repeating: "0", count: 16 - digits.count) + digits + "~" + suffix)
    }
}

extension SpoolRoot {
    /// Where the reason of a file in failed/ stands, below the spool's root. `path` begins with `failed`.
    package func reasonPath(for path: RelativePath) -> RelativePath {
        precondition(path.components.first == SpoolNames.failed && path.depth > 1, "\(path) is not in failed/")
        return RelativePath([SpoolNames.failed, SpoolNames.reasons]).appending(
            Reasons.path(for: RelativePath(Array(path.components.dropFirst()))))
    }

    /// The reason of a file in failed/; nil where there is none.
    package func reason(for path: RelativePath) throws(SpoolError) -> [UInt8]? {
        let reason = reasonPath(for: path)
        guard let name = reason.name, let directory = try existing(reason.parent) else { return nil }
        return try naming("read", directory.path(of: name), directory.readSmallFile(name))
    }

    func writeReason(_ bytes: [UInt8], for path: RelativePath, _ directories: inout TargetDirectories) throws(SpoolError) {
        let reason = reasonPath(for: path)
        guard let name = reason.name else { return }
        let directory = try directories.open(reason.parent)
        try directory.writeSmallFile(name, bytes)
        try directories.note(reason.parent, directory)
    }

    /// For a file that has left failed/.
    func removeReason(for path: RelativePath) throws(SpoolError) {
        let reason = reasonPath(for: path)
        guard let name = reason.name, let directory = try existing(reason.parent) else { return }
        try naming("remove", directory.path(of: name), directory.removeIfPresent(name))
    }

    /// A directory below the root; nil where it is gone.
    func existing(_ directory: RelativePath) throws(SpoolError) -> OpenDirectory? {
        do { return try root.open(directory) } catch {
            if error.code == ENOENT { return nil }
            throw SpoolError("open", "\(path)/\(directory.displayText)", error)
        }
    }
}
