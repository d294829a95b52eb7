/// Something in a spool that no producer should put there, for one warning.
package struct Oddity: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Only regular files are taken; nothing else is opened, followed or moved.
        case notRegular(EntryKind)
        /// A directory, where subdirectories are not scanned (`tree: false`, or too deep).
        case notScanned
        /// A directory under another mount: its files could not be renamed into .active.
        case otherMount
        /// A directory that the daemon's user may not read.
        case unreadableDirectory
    }

    package var kind: Kind
    /// Below the root.
    package var path: RelativePath

    package init(kind: Kind, path: RelativePath) {
        self.kind = kind
        self.path = path
    }
}

/// Which oddities were reported already: each is once in the life of a spool's object.
///
/// Bounded: a producer that makes links by the million gets its warnings for the first ones.
struct ReportedOddities {
    private var reported: Set<Oddity> = []
    private let limit = 4096

    /// Whether it is new, and remembered from now on.
    mutating func insert(_ oddity: Oddity) -> Bool {
        guard reported.count < limit else { return false }
        return reported.insert(oddity).inserted
    }
}
