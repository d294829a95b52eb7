package import HTTPTransport
package import OpenSSLCrypto
package import SpoolPrimitives

/// Writes blobs into containers that a SAS opens.
///
/// Every call is safe to repeat: the same bytes under the same name. Bodies are not copied. Errors are ``StorageError``; a cancelled task gets
/// one whose cause is the transport's `cancelled`.
package struct BlobClient: Sendable {
    private let exchange: StorageExchange

    /// - Parameter transport: carries every call.
    package init(_ transport: any HTTPTransport) { exchange = StorageExchange(transport: transport) }

    /// Writes a whole blob at once, replacing one of that name.
    ///
    /// At most 256 MiB, the limit at the oldest SAS version that is handed out. The service checks the digest on arrival and says its own,
    /// which is compared once more.
    /// Source: REST, Put Blob.
    ///
    /// - Parameters:
    ///   - container: with its SAS.
    ///   - md5: of `body`.
    package func putBlob(
        container: SecretURL, name: BlobName, body: [UInt8], md5: MD5Digest, clientRequestID: ClientRequestID
    ) async throws(StorageError) -> StorageReply {
        let url = container.appendingPath(name.encodedPath)
        return try await put(
            url, [HTTPHeader("x-ms-blob-type", "BlockBlob")], body, contentType: "application/octet-stream", md5, clientRequestID)
    }

    /// Writes a block, which is part of nothing until `putBlockList` names it, and is forgotten after a week.
    ///
    /// At most 100 MiB. Source: REST, Put Block.
    package func putBlock(
        container: SecretURL, name: BlobName, blockID: BlockID, body: [UInt8], md5: MD5Digest, clientRequestID: ClientRequestID
    ) async throws(StorageError) -> StorageReply {
        let url = container.appendingPath(name.encodedPath).prefixingQuery("comp=block&blockid=\(PercentEncoding.encode(blockID.base64))")
        return try await put(url, [], body, contentType: "application/octet-stream", md5, clientRequestID)
    }

    /// Makes a blob of blocks, in this order.
    ///
    /// `Latest` and not `Uncommitted`: a repeat after a lost reply then finds the blocks that its first try committed.
    /// Source: REST, Put Block List.
    ///
    /// - Parameter blobMD5: of the whole, kept with the blob and not checked by the service.
    package func putBlockList(
        container: SecretURL, name: BlobName, blockIDs: [BlockID], blobMD5: MD5Digest? = nil, clientRequestID: ClientRequestID
    ) async throws(StorageError) -> StorageReply {
        var document = Array(#"<?xml version="1.0" encoding="utf-8"?><BlockList>"#.utf8)
        document.reserveCapacity(64 + blockIDs.count * 26)
        for blockID in blockIDs {
            document += "<Latest>".utf8
            document += blockID.base64.utf8
            document += "</Latest>".utf8
        }
        document += "</BlockList>".utf8
        let url = container.appendingPath(name.encodedPath).prefixingQuery("comp=blocklist")
        var headers = [HTTPHeader("x-ms-blob-content-type", "application/octet-stream")]
        if let blobMD5 { headers.append(HTTPHeader("x-ms-blob-content-md5", blobMD5.base64)) }
        return try await put(url, headers, document, contentType: "application/xml", MD5Digest(of: document), clientRequestID)
    }

    /// Asks for a blob's length and digest; needs a SAS that may read. Source: REST, Get Blob Properties.
    package func blobProperties(
        container: SecretURL, name: BlobName, clientRequestID: ClientRequestID
    ) async throws(StorageError) -> BlobProperties {
        let request = HTTPRequest(.head, container.appendingPath(name.encodedPath))
        let response = try await exchange.send(request, clientRequestID: clientRequestID, success: 200)
        guard let properties = BlobProperties(response) else {
            throw StorageError(operation: "HEAD \(request.url.withoutQuery)", success: response, .unreadableReply("no Content-Length"))
        }
        return properties
    }

    private func put(
        _ url: SecretURL, _ headers: consuming [HTTPHeader], _ body: [UInt8], contentType: String, _ md5: MD5Digest,
        _ clientRequestID: ClientRequestID
    ) async throws(StorageError) -> StorageReply {
        headers.reserveCapacity(headers.count + 2 + StorageExchange.headers)
        headers.append(HTTPHeader("Content-Type", contentType))
        headers.append(HTTPHeader("Content-MD5", md5.base64))
        let response = try await exchange.send(
            HTTPRequest(.put, url, headers: headers, body: body, limits: StorageLimits.upload(of: body)), clientRequestID: clientRequestID,
            success: 201)
        var reply = StorageReply(response)
        reply.isSmall = body.count <= 64 << 10
        if let theirs = reply.contentMD5, theirs != md5 {
            throw StorageError(operation: "PUT \(url.withoutQuery)", success: response, .digestMismatch(ours: md5, theirs: theirs))
        }
        return reply
    }
}
