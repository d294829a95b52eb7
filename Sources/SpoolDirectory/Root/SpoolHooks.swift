/// Closures called at named points of a file's path, so that tests can stop, kill or race the daemon there. All nil by default.
package struct SpoolHooks: Sendable {
    /// The claim's directory is made, nothing is in it.
    package var afterClaimDirectory: (@Sendable (ClaimName) -> Void)?
    /// The file is looked at and found good, and not moved yet.
    package var beforeRename: (@Sendable (FileName) -> Void)?
    /// One file is in the claim's directory, not durably.
    package var afterRename: (@Sendable (FileName) -> Void)?
    /// All files of the claim are moved, none durably.
    package var beforeFsync: (@Sendable (ClaimName) -> Void)?
    /// The claim is durable.
    package var afterFsync: (@Sendable (ClaimName) -> Void)?
    /// A marker is looked at and found to be the claimed file's, and not moved yet.
    package var beforeMarkerMove: (@Sendable (FileName) -> Void)?
    /// The file is compared with its row and about to be moved or removed.
    package var beforeDisposal: (@Sendable (FileName) -> Void)?
    /// The file is at its target, not durably; a reason is not written yet.
    package var afterDisposal: (@Sendable (FileName) -> Void)?
    /// A batch's moves are made, none durably.
    package var beforeDisposalFsync: (@Sendable () -> Void)?
    /// A batch's moves are durable.
    package var afterDisposalFsync: (@Sendable () -> Void)?

    package init() {}
}
