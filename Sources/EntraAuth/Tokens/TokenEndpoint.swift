import HTTPTransport
import SpoolPrimitives

/// An exchange at Entra's token endpoint, whatever the grant.
struct TokenEndpoint {
    let transport: any HTTPTransport
    let time: any TimeSource

    private static let limits = HTTPLimits(
        connect: .seconds(10), total: .seconds(30), lowSpeed: ByteCount(1), lowSpeedTime: .seconds(30), responseBody: .kibibytes(256))

    /// - Parameters:
    ///   - form: names and values, not yet encoded.
    ///   - secrets: what no error may quote, should the endpoint do so.
    func exchange(_ form: [(String, String)], at endpoint: SecretURL, secrets: [Secret]) async throws(AuthError) -> AccessToken {
        let body = form.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        var request = HTTPRequest(
            .post, endpoint,
            headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded"), HTTPHeader("Accept", "application/json")],
            body: Array(body.utf8), limits: Self.limits)
        // Another token does no harm.
        request.isRepeatable = true
        let asked = time.wallNow
        let response: HTTPResponse
        do throws(HTTPTransportError) {
            response = try await transport.send(request)
        } catch {
            throw AuthError(transport: error)
        }
        let operation = "POST \(endpoint.withoutQuery)"
        guard response.status == 200 else { throw AuthError(operation: operation, refusal: response, secrets: secrets) }
        guard let token = TokenReply(response.body)?.token(asked: asked) else {
            throw AuthError(operation: operation, .unreadableReply("no access_token, or no lifetime"))
        }
        return token
    }
}
