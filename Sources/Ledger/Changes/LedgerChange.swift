package import IngestionModel
package import KustoWire
package import SpoolPrimitives

/// What a commit may do. Arrays of these go in, one transaction stores them, arrays of ``LedgerOutcome`` come out.
package enum LedgerChange: Sendable {
    /// protocol.md §3.2: files that have been renamed into their claim's directory.
    case claimed(ClaimedBatch)
    /// An event of one source.
    case source(SourceChange)
    /// protocol.md §3.7: where a file has been left.
    ///
    /// Of a coalesced source: the directory that its files are in, each below it by its name as dropped, but for those whose place in the manifest has a
    /// path of its own here.
    case disposed(row: Int64, FileLocation, paths: [Int: String] = [:], at: Timestamp)
    /// The file was not what its row says any more when it was to be disposed of, and was put there instead of being removed.
    case changedAfterPost(row: Int64, FileLocation, why: String, at: Timestamp)
    /// Nothing new about a held source: the next look at it.
    case lookAgain(row: Int64, at: Timestamp)
    /// Rows with this work that wait for their next look are due now: a start may have mended what they wait for.
    case hasten(Work, at: Timestamp)
    /// An event that is about no source of the ledger.
    case record(JournalEvent)
    /// The journal holds every line up to this number durably.
    case drained(through: Int64)
    /// An operator's request has been carried out, or cannot be.
    case answered(request: Int64)
    /// Rows that are remembered no longer.
    case forget(before: Timestamp, limit: Int)
    /// The row's entity in its status table has been removed, or is of no use any more.
    case statusRemoved(row: Int64)
    /// Reports have been read to their end, beginning at that instant. Whatever time nobody read them before counts for no deadline (protocol.md §5).
    case reportsRead(ReportChannel, began: Timestamp)
    /// A block of claim numbers that nobody else gets, now or after a crash.
    case takeClaimNumbers(count: Int64)
}

/// The files of one claim.
package struct ClaimedBatch: Sendable {
    package var spool: SpoolKey
    /// Each a source of its own.
    package var files: [LedgerFile]
    /// Each of these a coalesced source; its files are of one directory.
    package var wholes: [[LedgerFile]]
    package var at: Timestamp
    /// Found in `.active` without a row after another ledger owned the spool: perhaps posted (protocol.md §1, `--adopt`). The instant of
    /// their repost.
    package var adoptedRepostAt: Timestamp?

    package init(
        spool: SpoolKey, files: [LedgerFile], wholes: [[LedgerFile]] = [], at: Timestamp, adoptedRepostAt: Timestamp? = nil
    ) {
        self.spool = spool
        self.files = files
        self.wholes = wholes
        self.at = at
        self.adoptedRepostAt = adoptedRepostAt
    }
}

/// An event of a source, with what the row and the journal's line need besides.
package struct SourceChange: Sendable {
    package var row: Int64
    package var event: SourceEvent
    package var at: Timestamp
    /// The verdict's deadline (with `postAccepted`) or the next look at a held row.
    package var deadline: Timestamp?
    /// With `posting`: what was uploaded, and what the message will say.
    package var blob: UploadedBlob?
    package var properties: IngestionProperties?
    /// With `posting`, on a route that reports to a table: which, by its URL without query.
    package var statusTable: String?
    /// With `deferred`, for a file that changed before it was posted: what it is like now, and what the next attempt compares it with. With
    /// `predecessorSucceeded`: what the file was like when it was ingested.
    package var file: LedgerFile?
    /// With `separated`: which files leave the whole, and why.
    package var separations: [Separation] = []
    /// For the journal: a code and a sentence.
    package var code: String?
    package var reason: String?

    package init(
        row: Int64, _ event: SourceEvent, at: Timestamp, deadline: Timestamp? = nil, blob: UploadedBlob? = nil,
        properties: IngestionProperties? = nil, statusTable: String? = nil, file: LedgerFile? = nil, separations: [Separation] = [],
        code: String? = nil, reason: String? = nil
    ) {
        self.file = file
        self.separations = separations
        self.row = row
        self.event = event
        self.at = at
        self.deadline = deadline
        self.blob = blob
        self.properties = properties
        self.statusTable = statusTable
        self.code = code
        self.reason = reason
    }
}

/// What became of one change. A refused one stored nothing; the others of its batch did.
package enum LedgerOutcome: Sendable {
    /// The rows that a claim made, in the order of its files, and behind them its wholes'.
    case claimed([SourceID])
    /// The row after the event.
    case source(SourceProgress, of: SpoolKey)
    case done
    /// How many rows were forgotten.
    case forgotten(Int)
    /// The first of the numbers that were taken.
    case claimNumbers(from: Int64)
    case refused(IllegalTransition)
    /// There is no such row: a source that the ledger has forgotten.
    case unknownSource
}
