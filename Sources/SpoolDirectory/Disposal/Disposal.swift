package import SpoolPrimitives

/// Where a settled file goes (protocol.md §2).
package enum DisposalTarget: Sendable, Hashable {
    /// done/<date>/.
    ///
    /// - Parameter date: of the verdict and not of the move, so that a second attempt after a crash names the same directory.
    case done(date: UTCDate)
    /// failed/, with its reason beside it.
    ///
    /// - Parameter reason: JSON, written to failed/.reasons/.
    case failed(reason: [UInt8])
    /// Unlinked, because the route says so.
    case removed
}

/// One claimed file to be disposed of.
package struct Disposal: Sendable, Hashable {
    package var claim: ClaimName
    package var name: FileName
    /// Where it was dropped, below the root: done/ and failed/ mirror it.
    package var directory: RelativePath
    /// The ledger's row. A file that is no longer so is not touched; nil moves it as it is (never for `.removed`).
    package var expected: FileIdentity?
    package var target: DisposalTarget
    /// Where an attempt before a crash is known to have put it; found by its inode otherwise.
    package var intended: RelativePath?

    package init(_ file: ClaimedFile, to target: DisposalTarget, intended: RelativePath? = nil) {
        claim = file.claim
        name = file.name
        directory = file.directory
        expected = file.identity
        self.target = target
        self.intended = intended
    }

    /// For a file that changed after its post, which goes to failed/ whatever it is now (protocol.md §3, rule 7).
    package func disregardingChanges(reason: [UInt8]) -> Disposal {
        var disposal = self
        disposal.expected = nil
        disposal.target = .failed(reason: reason)
        return disposal
    }
}

/// What came of a disposal; every path is below the spool's root.
package enum DisposalOutcome: Sendable {
    /// Durably there. The name may have been cut or got a number.
    case moved(to: RelativePath)
    /// Durably unlinked.
    case removed
    /// An attempt before a crash had done it: only the commit is missing.
    case alreadyThere(RelativePath)
    /// The same: but the file is there, in done/ or failed/, as something else than its row has.
    case changedThere(RelativePath, FileChanges)
    /// Gone, and not where it should have gone to. After `.removed` it is what was wanted; else event `vanished`.
    case vanished
    /// Not as in the row, and so not touched: protocol.md §3 wants it in failed/ with event `changed_after_post`.
    case changed(FileChanges)
    /// Still in .active: try again later.
    case refused(SpoolError)
}

/// A day in UTC: the name of a directory in done/.
package struct UTCDate: Sendable, Hashable, Comparable {
    /// `2026-01-02`.
    package let text: String
    let fileName: FileName
    private let beginning: Timestamp

    package init(_ instant: Timestamp) {
        guard let date = UTCDate(instant.utcDate) else { preconditionFailure("an instant outside the years 0000 to 9999") }
        self = date
    }

    /// Returns nil for what is not written like a date.
    package init?(_ text: String) {
        guard text.utf8.count == 10, let beginning = Timestamp(iso8601: text), let fileName = FileName(text) else { return nil }
        self.text = text
        self.fileName = fileName
        self.beginning = beginning
    }

    /// Whether an instant is on this day.
    package func holds(_ instant: Timestamp) -> Bool { (.zero..<Duration.seconds(86_400)).contains(instant - beginning) }

    package static func < (a: UTCDate, b: UTCDate) -> Bool { a.text < b.text }
}
