import SpoolPrimitives

/// One spool on disk: the root that producers drop files into, and the daemon's own directories in it (protocol.md §1).
///
///     R/                  producers drop complete files here
///     R/.active/<claim>/  0700; .active/.lock holds the lock and the daemon's pid, where no producer can reach it
///     R/done/<UTC date>/  settled well
///     R/failed/           settled badly; reasons in failed/.reasons/
///     R/.spool            the UUID of the ledger that owns the spool
///
/// The directories are held open from the start on, and all work is done relative to them. Invariants: a file moves by
/// renameat2(RENAME_NOREPLACE) only, so it is in exactly one of root, active, done and failed at every moment, and no move ever replaces
/// another file; nothing is unlinked but a disposed file (`removed`, `purgeDone`), a marker, and the daemon's own small files.
///
/// Immutable, with every call blocking: callers bring threads of their own, several if they like, and see to it themselves that two of
/// them do not work on the same file. The lock is held until `unlock()`, as long as the object lives at the most.
package final class SpoolRoot: Sendable {
    /// How a spool is opened.
    package struct Options: Sendable {
        /// Take the spool over from another ledger (`--adopt`).
        package var adopt = false
        /// Accept a network file system: no notifications and no leases there, and one claimant (protocol.md §1).
        package var networkFilesystem = false
        /// How many levels of subdirectories are scanned; 0 is the root alone.
        package var treeDepth = 0
        /// Ask for a read lease at the claim, which finds files still open for writing.
        package var leases = true
        /// What one window of a scan may take of memory; 64 KiB hold between 200 and 2,000 names.
        package var windowBytes = 64 << 10
        package var hooks = SpoolHooks()

        package init() {}
    }

    /// As configured.
    package let path: String
    package let options: Options
    /// The UUID of the ledger that owned the spool until `adopt`; nil otherwise. Whatever was in `.active` then counts as ambiguous.
    package let previousOwner: String?
    package let filesystem: Filesystem

    let root: OpenDirectory
    let active: OpenDirectory
    let done: OpenDirectory
    let failed: OpenDirectory
    let reasons: OpenDirectory
    let reported = Lock(ReportedOddities())
    /// Nil for an operator's command, which moves single files beside a running daemon.
    private let lock: LockFile?

    init(
        path: String, options: Options, previousOwner: String?, filesystem: Filesystem, directories: SpoolDirectories, lock: LockFile?
    ) {
        self.path = path
        self.options = options
        self.previousOwner = previousOwner
        self.filesystem = filesystem
        root = directories.root
        active = directories.active
        done = directories.done
        failed = directories.failed
        reasons = directories.reasons
        self.lock = lock
    }

    /// Lets another daemon have the spool; nothing may be done with this object afterwards.
    package func unlock() { lock?.release() }

    /// Whether the claim may ask for leases: they mean nothing where another host can write.
    var usesLeases: Bool { options.leases && filesystem == .local }
}

/// The daemon's directories, opened.
struct SpoolDirectories {
    var root: OpenDirectory
    var active: OpenDirectory
    var done: OpenDirectory
    var failed: OpenDirectory
    var reasons: OpenDirectory
}

/// Names with a meaning of their own in a spool.
enum SpoolNames {
    static let active = FileName(literal: ".active")
    static let done = FileName(literal: "done")
    static let failed = FileName(literal: "failed")
    static let reasons = FileName(literal: ".reasons")
    static let owner = FileName(literal: ".spool")
    static let lock = FileName(literal: ".lock")
    /// In .active: markers that are being removed.
    static let markers = FileName(literal: ".markers")
    static let probe = FileName(literal: ".probe")
    /// In a claim's directory: where in the tree its files came from.
    static let origin = FileName(literal: ".from")
}
