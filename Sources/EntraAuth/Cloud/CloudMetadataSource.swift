package import HTTPTransport
package import SpoolPrimitives

/// Asks clusters where to log in, once each.
package actor CloudMetadataSource {
    private let transport: any HTTPTransport
    private let trusted: TrustedEndpoints
    private var known: [String: CloudMetadata] = [:]

    private static let limits = HTTPLimits(
        connect: .seconds(10), total: .seconds(30), lowSpeed: ByteCount(1), lowSpeedTime: .seconds(30), responseBody: .kibibytes(256))

    /// - Parameter trusted: the hosts that may be asked, and the logins that may be named.
    package init(_ transport: any HTTPTransport, trusted: TrustedEndpoints = TrustedEndpoints()) {
        self.transport = transport
        self.trusted = trusted
    }

    /// The metadata of a cluster, from its host's root whatever the address's path is.
    ///
    /// A 404 means the public cloud: services older than the page, and proxies that do not pass it on. What a cluster said is kept for as long
    /// as this lives, by scheme, host and port; failures are not, and neither is that guess: a cluster that starts up answers 404 as well.
    ///
    /// - Throws: ``AuthError``: `untrusted` before anything is sent when the host is not trusted, or afterwards when it names a login that is
    ///   not; else why there is no answer.
    package func metadata(of service: SecretURL) async throws(AuthError) -> CloudMetadata {
        if let metadata = known[service.origin] { return metadata }
        try trusted.check(service: service)
        let answer = try await fetch(service.replacingPath("/v1/rest/auth/metadata"))
        let metadata = answer ?? .publicCloud
        try trusted.check(login: metadata.loginEndpoint, namedBy: service)
        known[service.origin] = answer
        return metadata
    }

    /// Nil where the cluster has no such page.
    private func fetch(_ url: SecretURL) async throws(AuthError) -> CloudMetadata? {
        var request = HTTPRequest(.get, url, headers: [HTTPHeader("Accept", "application/json")], limits: Self.limits)
        request.acceptsCompression = true
        let response: HTTPResponse
        do throws(HTTPTransportError) {
            response = try await transport.send(request)
        } catch {
            throw AuthError(transport: error)
        }
        let operation = "GET \(url.withoutQuery)"
        return switch response.status {
        case 200: try CloudMetadata(body: response.body, operation: operation)
        case 404: nil
        default: throw AuthError(operation: operation, .refused(status: response.status))
        }
    }
}
