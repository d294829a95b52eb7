package import HTTPTransport
package import OpenSSLCrypto

/// What a successful call says beside its body.
package struct StorageReply: Sendable {
    /// The service's name for the call.
    package var requestID: String?
    /// Names this version of the blob.
    package var etag: String?
    /// The service's own digest of what it received, where it says.
    package var contentMD5: MD5Digest?
    /// When each phase of the exchange ended.
    package var timing: HTTPTiming
    /// Whether the request's body was so small that the time tells of the service, and not of the body.
    package var isSmall = true

    init(_ response: HTTPResponse) {
        requestID = response.header("x-ms-request-id")
        etag = response.header("ETag")
        contentMD5 = response.header("Content-MD5").flatMap(MD5Digest.init(base64:))
        timing = response.timing
    }
}
