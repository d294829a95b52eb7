/// Whom a notification belongs to: by its SourceID, else by the path of its blob, else to somebody else (protocol.md §5).
///
/// Nothing but ``ours(row:)`` may reach a source. The row need not be there: the ledger forgets, and then says so.
package enum NotificationOwner: Sendable, Hashable {
    /// A source of this ledger.
    case ours(row: Int64)
    /// A blob of this instance, but no source that the ledger can know.
    case forgotten
    case foreign

    /// - Parameters:
    ///   - sourceID: `IngestionSourceId`, in whatever spelling.
    ///   - sourcePath: `IngestionSourcePath`, without its query.
    ///   - prefix: of this ledger.
    ///   - instance: of this ledger, the first part of its blobs' names.
    package init(sourceID: String?, sourcePath: String?, prefix: SourceID.Prefix, instance: String) {
        if let sourceID, let id = SourceID(sourceID), id.prefix == prefix {
            self = .ours(row: id.row)
        } else if let sourcePath, SourceBlobName.isOurs(path: sourcePath, instance: instance) {
            self = .forgotten
        } else {
            self = .foreign
        }
    }
}
