package import HTTPTransport
package import OpenSSLCrypto
package import SpoolPrimitives

/// What a successful call says beside its body.
package struct StorageReply: Sendable {
    /// The service's name for the call.
    package var requestID: String?
    /// Names this version of the blob.
    package var etag: String?
    /// The service's own digest of what it received, where it says.
    package var contentMD5: MD5Digest?
    /// The server's clock: what a SAS's expiry is judged by.
    package var serverDate: Timestamp?
    /// When each phase of the exchange ended.
    package var timing: HTTPTiming

    init(_ response: HTTPResponse) {
        requestID = response.header("x-ms-request-id")
        etag = response.header("ETag")
        contentMD5 = response.header("Content-MD5").flatMap(MD5Digest.init(base64:))
        serverDate = response.serverDate
        timing = response.timing
    }
}
