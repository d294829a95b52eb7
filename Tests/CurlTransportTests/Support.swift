import CurlTransport
import HTTPTransport
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// A transport for the time of a test.
func withTransport<Result>(
    _ configuration: CurlConfiguration = CurlConfiguration(), _ body: (CurlTransport) async throws -> Result
) async throws -> Result {
    let transport = try CurlTransport(configuration)
    defer { transport.close() }
    return try await body(transport)
}

extension HTTPRequest {
    /// A request to a scripted server, with a signature that no error may show.
    init(_ method: Method, to server: ScriptedServer, body: [UInt8] = [], limits: HTTPLimits = .standard) throws {
        let url = try #require(SecretURL("\(server.origin)/path?sig=aB%2Bc"))
        self.init(method, url, body: body, limits: limits)
    }
}

extension HTTPLimits {
    /// For what is to time out.
    static let short = HTTPLimits(
        connect: .milliseconds(200), total: .milliseconds(200), lowSpeed: ByteCount(1), lowSpeedTime: .seconds(30),
        responseBody: .kibibytes(64))
}

extension CurlTransport {
    /// The failure of a request that must fail.
    func failure(of request: HTTPRequest) async -> HTTPTransportError? {
        do throws(HTTPTransportError) {
            let response = try await send(request)
            Issue.record("answered with \(response.status)")
            return nil
        } catch {
            return error
        }
    }
}
