import Glibc
import SpoolPrimitives

/// Looks at a spool that change nothing, for a comparison with the ledger beside a running daemon.
extension SpoolRoot {
    /// What `.spool` says.
    package enum Owner: Sendable, Hashable {
        case missing
        /// It holds no UUID.
        case unreadable
        case ledger(uuid: String)
    }

    /// Whose the spool is by its `.spool`.
    package func owner() throws(SpoolError) -> Owner {
        let bytes = try naming("read", root.path(of: SpoolNames.owner), root.readSmallFile(SpoolNames.owner))
        guard let bytes else { return .missing }
        return OwnerFile.parse(bytes).map(Owner.ledger(uuid:)) ?? .unreadable
    }

    /// What the regular file at a path below the root is like; nil where there is none.
    package func identity(at path: RelativePath) throws(SpoolError) -> FileIdentity? {
        guard let name = path.name, let directory = try existing(path.parent),
            let status = try naming("stat", directory.path(of: name), directory.status(of: name)), EntryKind(status) == .regular
        else { return nil }
        return FileIdentity(status)
    }

    /// Where a claimed file is that is not where it should be: in its claim, in failed/, or in a day's directory of done/; nil where it is in none.
    package func search(for file: ClaimedFile) throws(SpoolError) -> RelativePath? {
        if let found = try identity(of: file.name, in: file.claim), found.isSameFile(as: file.identity) {
            return RelativePath([SpoolNames.active, file.claim.fileName, file.name])
        }
        return try findUnchanged(Disposal(file, to: .failed(reason: [])))
    }

    /// The files of failed/.
    package func failedFiles() -> TreeListing {
        TreeListing(
            self, RelativePath([SpoolNames.failed]), hidden: false, leavingOut: [RelativePath([SpoolNames.failed, SpoolNames.reasons])])
    }

    /// The reasons of files in failed/.
    package func reasonFiles() -> TreeListing { TreeListing(self, RelativePath([SpoolNames.failed, SpoolNames.reasons]), hidden: false) }

    /// Markers that were put aside and neither removed nor put back.
    package func markersAside() -> TreeListing { TreeListing(self, RelativePath([SpoolNames.active, SpoolNames.markers]), hidden: true) }

    /// The file in failed/ that a reason is about, below the root; nil where there is none.
    ///
    /// - Parameter reason: below the root, in failed/.reasons/.
    package func subject(ofReason reason: RelativePath) throws(SpoolError) -> RelativePath? {
        let suffix = Array(".json".utf8)
        guard let name = reason.name, name.hasSuffix(suffix) else { return nil }
        let directory = RelativePath([SpoolNames.failed] + Array(reason.parent.components.dropFirst(2)))
        let plain = FileName(bytes: name.bytes.dropLast(suffix.count))
        if let plain, try identity(at: directory.appending(plain)) != nil { return directory.appending(plain) }
        // The reason of a name too long for a suffix has a cut name and a hash: only the whole name tells.
        guard name.hasSuffix(Array("~.json".utf8)), let opened = try existing(directory) else { return nil }
        let reader = DirectoryReader(opened, windowBytes: options.windowBytes)
        while let entries = try naming("read", opened.path, reader.next()) {
            for entry in entries where entry.kind == .regular && reasonPath(for: directory.appending(entry.name)) == reason {
                return directory.appending(entry.name)
            }
        }
        return nil
    }

    /// Writes the reason of a file in failed/ that has none. Durable when it returns; one that is there stays.
    package func writeMissingReason(_ bytes: [UInt8], for path: RelativePath) throws(SpoolError) {
        guard try reason(for: path) == nil else { return }
        var directories = TargetDirectories(self)
        try writeReason(bytes, for: path, &directories)
        try directories.sync()
    }
}
