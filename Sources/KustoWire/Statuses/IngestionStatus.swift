package import SpoolPrimitives

/// What the status table says of one source: an entity that we insert as `Pending` and that the service fills in.
///
/// Source: reference: kusto-queued-ingestion §5.5 and §7.2. Free of secrets.
package struct IngestionStatus: Sendable, Hashable {
    /// The column `Status`. Only `Pending` is not its last word, and `Queued` says that none will come.
    package enum Kind: Sendable, Hashable {
        case pending
        case queued
        case succeeded
        /// Some of the source's data is in, and the rest will not come.
        case partiallySucceeded
        case failed
        /// The service had nothing to do: no data, or it was told not to ingest what is there already.
        case skipped
        /// A later service may have more words.
        case other(String)
    }

    package var kind: Kind
    /// The entity's columns as a notification: a success, or a failure with what the service said.
    package var notification: IngestionNotification

    /// The columns that ``init(_:)`` reads: what a query selects.
    package static let columns = [
        "Status", "IngestionSourceId", "IngestionSourcePath", "Database", "Table", "UpdatedOn", "OperationId", "ActivityId", "ErrorCode",
        "FailureStatus", "Details", "OriginatesFromUpdatePolicy", "ShouldRetry",
    ]
    /// The one column whose value tells whether there is news, and the value that says that there is none.
    package static let pendingColumn = (name: "Status", value: "Pending")

    /// Reads an entity's properties. Names are compared without regard to case; nothing is required but `Status`, whose absence is another word.
    package init(_ entity: JSONValue) {
        let word = entity[ignoringCase: "Status"]?.text ?? ""
        kind = Self.words.first { $0.word == word.lowercased() }?.kind ?? .other(SecretScrubber.scrub(String(word.prefix(80))))
        notification = IngestionNotification(statusEntity: entity, isSuccess: kind == .succeeded || kind == .skipped)
    }

    private static let words: [(word: String, kind: Kind)] = [
        ("pending", .pending), ("queued", .queued), ("succeeded", .succeeded), ("partiallysucceeded", .partiallySucceeded),
        ("failed", .failed), ("skipped", .skipped),
    ]

    /// The columns that the client writes before it posts, in the order of the SDKs.
    ///
    /// - Parameters:
    ///   - blob: the blob's URL; it is written without its query.
    ///   - now: `UpdatedOn`.
    package static func pending(
        sourceID: String, blob: SecretURL, properties: IngestionProperties, at now: Timestamp
    ) -> [JSONMember] {
        [
            JSONMember(pendingColumn.name, .string(pendingColumn.value)), JSONMember("IngestionSourceId", .string(sourceID)),
            JSONMember("IngestionSourcePath", .string(blob.withoutQuery)), JSONMember("Database", .string(properties.database)),
            JSONMember("Table", .string(properties.table)), JSONMember("UpdatedOn", .string(now.description)),
        ]
    }
}

extension IngestionProperties {
    /// Whether the service is asked to keep the status in a table: a level of `none` makes it keep none (reference: kusto-queued-ingestion §5.5).
    package var reportsToTable: Bool { reportMethod != .queue && reportLevel != .none }
}
