package import SpoolPrimitives

/// One HTTP/1.1 request with its whole body in memory.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    package var method: Method
    package var url: SecretURL
    package var headers: [HTTPHeader]
    package var body: [UInt8]
    package var limits: HTTPLimits
    /// Asks for a compressed response and unpacks it; ``HTTPLimits/responseBody`` bounds what comes out.
    package var acceptsCompression = false
    /// Whether the transport may send the request again, unasked, when a connection that it had kept open dies before the first byte of an
    /// answer. A repeat of a request that is not idempotent would be a duplicate that nobody announces; so POST is not repeatable unless
    /// its sender says that it only reads.
    package var isRepeatable: Bool

    package init(_ method: Method, _ url: SecretURL, headers: [HTTPHeader] = [], body: [UInt8] = [], limits: HTTPLimits = .standard) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
        isRepeatable = method != .post
    }
}

/// A header line. Its value is hidden where it is a credential.
package struct HTTPHeader: Sendable {
    package enum Value: Sendable {
        case plain(String)
        case secret(Secret)
    }

    package var name: String
    package var value: Value

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = .plain(value)
    }

    package init(_ name: String, secret: Secret) {
        self.name = name
        value = .secret(secret)
    }
}

/// The bounds of one request. None of them may be absent: every wait has a deadline, every buffer a bound.
package struct HTTPLimits: Sendable, Hashable {
    /// Name resolution, TCP and TLS together.
    package var connect: Duration
    /// From the call to the last byte of the response.
    package var total: Duration
    /// A transfer that stays below `lowSpeed` bytes a second for `lowSpeedTime` is given up.
    package var lowSpeed: ByteCount
    package var lowSpeedTime: Duration
    /// A longer response body is an error, not a truncation.
    package var responseBody: ByteCount

    package init(connect: Duration, total: Duration, lowSpeed: ByteCount, lowSpeedTime: Duration, responseBody: ByteCount) {
        self.connect = connect
        self.total = total
        self.lowSpeed = lowSpeed
        self.lowSpeedTime = lowSpeedTime
        self.responseBody = responseBody
    }

    /// For small requests. 60 s in all is what the newer SDKs allow a call (reference: kusto-queued-ingestion §1.2).
    package static let standard = HTTPLimits(
        connect: .seconds(10), total: .seconds(60), lowSpeed: ByteCount(1), lowSpeedTime: .seconds(30), responseBody: .mebibytes(8))
}
