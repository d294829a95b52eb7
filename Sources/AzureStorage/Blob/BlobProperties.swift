import HTTPTransport
package import OpenSSLCrypto
package import SpoolPrimitives

/// What the service says about a blob that is there.
package struct BlobProperties: Sendable {
    /// Of the content as it lies there: compressed, if it was sent so.
    package var length: ByteCount
    /// Of the whole blob. Blobs of several blocks have one only if their writer gave it.
    package var contentMD5: MD5Digest?
    /// Ids, digest and the server's clock.
    package var reply: StorageReply

    /// Nil when the reply does not say how long the blob is.
    init?(_ response: HTTPResponse) {
        guard let length = response.header("Content-Length").flatMap({ Int64($0) }), length >= 0 else { return nil }
        self.length = ByteCount(length)
        reply = StorageReply(response)
        contentMD5 = reply.contentMD5
    }
}
