package import SpoolPrimitives

/// One line of the journal, before it has its number.
package struct JournalEvent: Sendable, Hashable {
    /// What happened. The raw value is the line's `event`.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case accepted
        case deferred
        case queued
        case ambiguous
        case reposted
        case held
        case released
        case noted
        /// The file left the source that it was coalesced into, and goes on alone as `successor`.
        case separated
        case superseded
        case succeeded
        case failed
        case presumed
        case skipped
        case unconfirmed
        case corrected
        case contradicted
        case duplicated
        case changedAfterPost = "changed_after_post"
        case vanished
        /// A notification about somebody else's source.
        case foreign
        /// A notification about a source of ours that the ledger no longer knows.
        case forgotten

        package init(_ verdict: Verdict) {
            switch verdict {
            case .succeeded: self = .succeeded
            case .failed: self = .failed
            case .presumed: self = .presumed
            case .skipped: self = .skipped
            case .unconfirmed: self = .unconfirmed
            }
        }
    }

    package var kind: Kind
    package var at: Timestamp
    /// Where the event is about a file of ours.
    package var subject: Subject?
    /// The verdict that a correction arrives at.
    package var verdict: Verdict?
    /// A sentence or the service's own text: why.
    package var reason: String?
    /// The service's code, or ours for what was refused here.
    package var code: String?
    /// What the service said, for failures.
    package var failure: FailureReport?
    /// The source that takes over, for `superseded` and `separated`.
    package var successor: SourceID?
    /// A foreign notification, whole but for its secrets: one JSON object.
    package var notification: String?

    package init(_ kind: Kind, at: Timestamp, subject: Subject? = nil) {
        self.kind = kind
        self.at = at
        self.subject = subject
    }

    /// Which file and which source.
    package struct Subject: Sendable, Hashable {
        package var source: SourceID
        package var spool: String
        /// The name as dropped, relative to the spool's root, in the spelling of ``FileName``.
        package var file: String
        package var database: String
        package var table: String
        /// The file's size in bytes.
        package var size: Int64

        package init(source: SourceID, spool: String, file: String, database: String, table: String, size: Int64) {
            self.source = source
            self.spool = spool
            self.file = file
            self.database = database
            self.table = table
            self.size = size
        }
    }
}
