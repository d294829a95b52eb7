import IngestionModel
import KustoWire
import Ledger
import SpoolPrimitives

/// A source whose `posting` is on disk: the only thing that a message can be posted for (protocol.md §3.4, §3.5).
///
/// Its initializer is private to this file, and the only caller of it commits first: a post without its commit does not compile.
struct CommittedPosting: Sendable {
    let source: SourceID
    let blob: UploadedBlob
    /// What the message says: the frozen properties, and the file's tag where they ask for one.
    let properties: IngestionProperties
    /// The message's SourceMessageCreationTime, the same for every repost.
    let created: Timestamp
    /// Where the source's status is to be kept, by the table's URL without query; nil on a route that does not report to a table.
    let statusTable: String?

    private init(source: SourceID, blob: UploadedBlob, properties: IngestionProperties, created: Timestamp, statusTable: String?) {
        self.source = source
        self.blob = blob
        self.properties = properties
        self.created = created
        self.statusTable = statusTable
    }

    /// Commits `posting` with everything that the message will say.
    ///
    /// - Returns: nil when the source was settled meanwhile: a verdict cancels a pending repost (§5).
    static func commit(
        _ row: SourceRow, blob: UploadedBlob, properties: IngestionProperties, statusTable: String?, in ledger: Ledger, at now: Timestamp
    ) async throws(LedgerError) -> CommittedPosting? {
        var change = SourceChange(row: row.id.row, .posting, at: now, blob: blob, properties: properties, statusTable: statusTable)
        // A whole carries no tag.
        if row.progress.postsInDoubt > 0, properties.dedupe != nil, !row.isCoalesced {
            change.reason = "the service is asked to drop it, should it have ingested an earlier message of the file (ingest-by tag)"
        }
        switch try await ledger.commit(.source(change)) {
        case .source:
            return CommittedPosting(
                source: row.id, blob: blob, properties: said(of: row, properties), created: row.claimedAt, statusTable: statusTable)
        case .claimed, .claimNumbers, .done, .forgotten, .refused, .unknownSource:
            return nil
        }
    }

    /// What the message says of the source beyond its route: the file's tag where the route asks for one; of a coalesced source, that no header is in the
    /// blob. A whole has no tag: its files would have another when they travel alone.
    private static func said(of row: SourceRow, _ properties: IngestionProperties) -> IngestionProperties {
        guard row.isCoalesced else { return properties.tagged(ingestBy: DedupeTag.of(row.file)) }
        var said = properties
        said.ignoreFirstRecord = false
        return said
    }
}
