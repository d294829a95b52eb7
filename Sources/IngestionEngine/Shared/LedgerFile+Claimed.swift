package import Ledger
package import SpoolDirectory

extension LedgerFile {
    init(_ file: ClaimedFile) {
        self.init(
            claim: file.claim.text, directory: file.directory.displayText, name: file.name.displayText, size: file.identity.size,
            modified: file.identity.modified, changed: file.identity.changed, inode: file.identity.inode)
    }

    /// The claimed file that the row is about; nil when the row was damaged.
    package var claimedFile: ClaimedFile? {
        guard let claim = ClaimName(claim), let name = FileName(displayText: name), let directory = RelativePath(displayText: directory)
        else { return nil }
        return ClaimedFile(claim: claim, name: name, directory: directory, identity: identity)
    }

    /// Device numbers are not kept: they change across restarts.
    var identity: FileIdentity { FileIdentity(inode: inode, device: 0, size: size, modified: modified, changed: changed) }

    /// The same file, as it is now.
    func now(_ identity: FileIdentity) -> LedgerFile {
        LedgerFile(
            claim: claim, directory: directory, name: name, size: identity.size, modified: identity.modified, changed: identity.changed,
            inode: identity.inode)
    }
}
