package import HTTPTransport
package import OpenSSLCrypto

/// What a successful call says beside its body.
package struct StorageReply: Sendable {
    private let headers: HTTPFields
    /// The service's name for the call.
    package var requestID: String? { headers["x-ms-request-id"] }
    /// Names this version of the blob.
    package var etag: String? { headers["ETag"] }
    /// The service's own digest of what it received, where it says.
    package var contentMD5: MD5Digest? { headers["Content-MD5"].flatMap(MD5Digest.init(base64:)) }
    /// When each phase of the exchange ended.
    package var timing: HTTPTiming
    /// Whether the request's body was so small that the time tells of the service, and not of the body.
    package var isSmall = true

    init(_ response: HTTPResponse) {
        headers = response.headers
        timing = response.timing
    }
}
