package import SpoolPrimitives

/// The message that asks the service to ingest one blob.
///
/// Composed at the moment of posting: the signature in the blob's URL and the identity token are those of the current snapshot and are never
/// stored (protocol.md §3, step 5). Source: "Ingestion message internal structure" of the REST how-to, and the SDKs where it is silent or
/// wrong (reference: kusto-queued-ingestion §5).
package struct IngestionMessage: Sendable, Hashable {
    /// The source's id, a lower-case UUID; comes back as `IngestionSourceId`.
    package var id: String
    /// The blob with the signature that lets the service read it.
    package var blobURL: SecretURL
    /// Uncompressed size. Without it the service opens the blob to measure it, and ingests it alone (§4.3).
    package var rawDataSize: ByteCount?
    package var created: Timestamp
    package var properties: IngestionProperties
    /// Of `.get kusto identity token`.
    package var identityToken: Secret
    package var client: ClientIdentity
    /// Where the service keeps the status, for a report method other than the queue.
    package var statusEntity: StatusEntity?

    package init(
        id: String, blobURL: SecretURL, rawDataSize: ByteCount?, created: Timestamp, properties: IngestionProperties, identityToken: Secret,
        client: ClientIdentity, statusEntity: StatusEntity? = nil
    ) {
        self.id = id
        self.blobURL = blobURL
        self.rawDataSize = rawDataSize
        self.created = created
        self.properties = properties
        self.identityToken = identityToken
        self.client = client
        self.statusEntity = statusEntity
    }

    /// The row of the status table that the client inserted before it posts (§5.5).
    package struct StatusEntity: Sendable, Hashable {
        package var table: SecretURL
        package var partitionKey: String
        package var rowKey: String

        package init(table: SecretURL, partitionKey: String, rowKey: String) {
            self.table = table
            self.partitionKey = partitionKey
            self.rowKey = rowKey
        }
    }

    /// A queue message holds 64 KiB of Base64, which is 48 KiB of JSON (§5.1).
    package static let maximumSize = ByteCount.kibibytes(48)
}

/// Why a message cannot be sent.
package enum IngestionMessageError: Error, Sendable, Hashable {
    /// Only very long names, tags or signatures get there.
    case tooLarge(ByteCount)
    case emptyIdentityToken
    /// Database or table.
    case emptyName(String)
    case malformedID(String)
}

extension IngestionMessageError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge(let size):
            "the ingestion message has \(size), a queue takes \(IngestionMessage.maximumSize): shorten the spool's tags and properties"
        case .emptyIdentityToken: "the ingestion message has no identity token"
        case .emptyName(let which): "the ingestion message has no \(which) name"
        case .malformedID(let id): "'\(id)' is no lower-case UUID"
        }
    }
}
