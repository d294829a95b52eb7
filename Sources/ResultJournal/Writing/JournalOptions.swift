package import SpoolPrimitives

/// Where the journal is and how long it is kept.
package struct JournalOptions: Sendable {
    /// The current file; its directory exists.
    package var path: String
    /// The journal's UUID, which is in every line: a ledger's, in lower case.
    package var journal: String
    /// Rotated before a write that would make the file longer; a file of this size is still opened by every tool at hand.
    package var rotateAt = ByteCount.mebibytes(256)
    /// Rotated when the file is this old, so that `keep` means what it says on quiet machines too.
    package var rotateAfter = Duration.seconds(24 * 3600)
    /// Rotated files whose last line is older are removed, but never the newest: it may hold the last seq.
    package var keep = Duration.seconds(14 * 24 * 3600)
    package var hooks = JournalHooks()

    package init(path: String, journal: String) {
        self.path = path
        self.journal = journal
    }
}

/// What an append did besides writing the lines.
package struct AppendResult: Sendable, Equatable {
    /// Numbers whose lines are not in the journal, which it says now: for one alert.
    package var gap: ClosedRange<Int64>?
    /// Another hand had removed, renamed or cut the file: it was opened anew.
    package var wasReopened = false
    /// What the file was rotated to.
    package var rotatedTo: String?

    package init() {}
}

/// Points at which a test does what another hand may do at any moment.
package struct JournalHooks: Sendable {
    /// The file was compared with what the writer left, and the lines are about to be written.
    package var beforeWrite: (@Sendable () -> Void)?

    package init() {}
}
