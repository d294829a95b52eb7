package import SpoolPrimitives

/// A file in .active, as the ledger's row is to remember it.
package struct ClaimedFile: Sendable, Hashable {
    package var claim: ClaimName
    package var name: FileName
    /// Where it was dropped, below the root; done/ and failed/ mirror it.
    package var directory: RelativePath
    /// As it is after the rename, which set its ctime: what every later step compares with.
    package var identity: FileIdentity

    package init(claim: ClaimName, name: FileName, directory: RelativePath, identity: FileIdentity) {
        self.claim = claim
        self.name = name
        self.directory = directory
        self.identity = identity
    }
}

/// A file that was to be claimed and stays where it was.
package struct UnclaimedFile: Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        /// Its producer removed or renamed it meanwhile. Nothing to report.
        case vanished
        /// Somebody has it open for writing: not complete after all. Look again later.
        case stillOpen
        /// The daemon may not read it: `held` by protocol.md §2, an operator's business.
        case unreadable(SystemErrno)
        /// A link, a FIFO, a directory …: never taken.
        case notRegular(EntryKind)
    }

    package var name: FileName
    package var reason: Reason

    package init(name: FileName, reason: Reason) {
        self.name = name
        self.reason = reason
    }
}

/// What came of a claim: every name that was asked for is in one of the two lists, unless `stoppedBy` says why the rest was not tried.
package struct ClaimResult: Sendable {
    package var claim: ClaimName
    package var directory: RelativePath
    /// Durably in .active.
    package var files: [ClaimedFile] = []
    package var unclaimed: [UnclaimedFile] = []
    /// What ended the claim early: no descriptors left, a full or broken disk. The names not mentioned are still in their directory.
    package var stoppedBy: SpoolError?
}
