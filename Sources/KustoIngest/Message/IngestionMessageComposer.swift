package import KustoWire
package import SpoolPrimitives

/// A blob as it is remembered between upload and post: without signature, which is taken from the snapshot of the moment.
package struct UploadedBlobAddress: Sendable, Hashable {
    /// The container's URL without query: ``StorageResource/identity``.
    package var container: String
    /// The blob's name, percent-encoded.
    package var name: String

    package init(container: String, name: String) {
        self.container = container
        self.name = name
    }
}

/// Why a message cannot be composed now.
package enum IngestionMessageComposerError: Error, Sendable {
    /// The container is not in the snapshot any more: the file is to be uploaded anew (protocol.md §3).
    case containerLeft(String)
    /// The container's signature ends too soon for the service to pick the blob up, and another's does not.
    case signatureEnds(container: String, at: Timestamp)
    case message(IngestionMessageError)
    /// The status table is not lent to us any more: the message waits for one that is.
    case statusTableLeft(String)
}

extension IngestionMessageComposerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .containerLeft(let container): "the container \(container) is not lent to us any more"
        case .signatureEnds(let container, let end): "the signature of \(container) ends at \(end), too soon for the service"
        case .message(let error): error.description
        case .statusTableLeft(let table): "the status table \(table) is not lent to us any more"
        }
    }
}

/// Composes messages at the time of posting, from an uploaded blob and the current snapshot (protocol.md §3, step 5).
package struct IngestionMessageComposer: Sendable {
    /// ``ResourceSnapshot/leastContainerLife``.
    package static let leastSignatureLife = ResourceSnapshot.leastContainerLife

    private let client: ClientIdentity

    package init(client: ClientIdentity) { self.client = client }

    /// The text of a queue message.
    ///
    /// - Parameters:
    ///   - sourceID: a lower-case UUID.
    ///   - properties: frozen at the first posting.
    ///   - created: when the source was first posted; the same for a repost.
    ///   - statusTable: where the source's status is kept, by its URL without query; its entity's two keys are the source's id.
    ///   - serverTime: of ``ResourceSnapshot/serverTime(at:)``.
    package func queueText(
        sourceID: String, blob: UploadedBlobAddress, rawDataSize: ByteCount?, properties: IngestionProperties, created: Timestamp,
        statusTable: String? = nil, snapshot: ResourceSnapshot, serverTime: Timestamp
    ) throws(IngestionMessageComposerError) -> Secret {
        guard let container = snapshot.container(blob.container) else { throw .containerLeft(blob.container) }
        var statusEntity: IngestionMessage.StatusEntity?
        if let statusTable {
            guard let table = snapshot.statusTable(statusTable) else { throw .statusTableLeft(statusTable) }
            statusEntity = IngestionMessage.StatusEntity(table: table.url, partitionKey: sourceID, rowKey: sourceID)
        }
        if let expiry = container.expiry, snapshot.isOutlived(container, at: serverTime) {
            throw .signatureEnds(container: blob.container, at: expiry)
        }
        let message = IngestionMessage(
            id: sourceID, blobURL: container.url.appendingPath(blob.name), rawDataSize: rawDataSize, created: created,
            properties: properties, identityToken: snapshot.identityToken, client: client,
            statusEntity: statusEntity)
        do {
            return try message.queueText()
        } catch {
            throw .message(error)
        }
    }
}
