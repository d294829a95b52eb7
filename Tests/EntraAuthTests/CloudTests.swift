import CurlTransport
import EntraAuth
import HTTPTransport
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct CloudTests {
    private static let whole =
        #"{"AzureAD":{"LoginEndpoint":"https://login.microsoftonline.us/","LoginMfaRequired":true,"KustoClientAppId":"app","KustoClientRedirectUri":"r","KustoServiceResourceId":"https://kusto.kusto.usgovcloudapi.net/","FirstPartyAuthorityUrl":"f"},"dSTS":{"x":1}}"#

    private func metadata(_ reply: [UInt8]) async throws -> Result<CloudMetadata, AuthError> {
        let transport = try CurlTransport()
        defer { transport.close() }
        return try await ScriptedServer.with([[.readRequest, .send(reply)]]) { server in
            let service = try #require(SecretURL("\(server.origin)/some/path"))
            do throws(AuthError) {
                let metadata = try await CloudMetadataSource(transport).metadata(of: service)
                #expect(server.requests.first?.target == "/v1/rest/auth/metadata")
                return .success(metadata)
            } catch {
                return .failure(error)
            }
        }
    }

    @Test("a cluster's own words are taken, and MFA changes the resource")
    func whole() async throws {
        let metadata = try await metadata(Reply.bytes(200, body: Self.whole)).get()
        #expect(metadata.loginEndpoint.revealed == "https://login.microsoftonline.us")
        #expect(metadata.clientAppID == "app")
        #expect(metadata.serviceResource == "https://kusto.kusto.usgovcloudapi.net")
        #expect(metadata.audience.resource == "https://kusto.kustomfa.usgovcloudapi.net")
        #expect(metadata.audience.scope == "https://kusto.kustomfa.usgovcloudapi.net/.default")
    }

    @Test(
        "no page, and a page without a directory, mean the public cloud",
        arguments: [(404, "nothing"), (200, #"{"AzureAD":null}"#), (200, #"{"AzureAD":{}}"#)])
    func defaults(status: Int, body: String) async throws {
        let metadata = try await metadata(Reply.bytes(status, body: body)).get()
        #expect(metadata == .publicCloud)
        #expect(metadata.audience.scope == "https://kusto.kusto.windows.net/.default")
        #expect(metadata.loginEndpoint.revealed == "https://login.microsoftonline.com")
    }

    @Test("a missing page is asked for again, and what a cluster says is kept")
    func kept() async throws {
        let transport = try CurlTransport()
        defer { transport.close() }
        let replies = [Reply.bytes(404, body: "not yet"), Reply.bytes(200, body: Self.whole)]
        try await ScriptedServer.with([replies.flatMap { [.readRequest, .send($0)] }]) { server in
            let service = try #require(SecretURL(server.origin))
            let source = CloudMetadataSource(transport)
            #expect(try await source.metadata(of: service) == .publicCloud)
            for _ in 0..<3 { #expect(try await source.metadata(of: service).clientAppID == "app") }
            #expect(server.requests.count == 2)
        }
    }

    @Test(
        "anything else is an error",
        arguments: [
            (200, ""), (200, "{}"), (200, "<html>"), (200, #"{"AzureAD":{"LoginEndpoint":"ftp://x"}}"#), (500, ""), (302, ""), (401, ""),
        ])
    func errors(status: Int, body: String) async throws {
        let outcome = try await metadata(Reply.bytes(status, body: body))
        #expect(throws: AuthError.self) { try outcome.get() }
    }

    @Test("a login that is not trusted is not accepted from a cluster")
    func foreignLogin() async throws {
        let body = #"{"AzureAD":{"LoginEndpoint":"https://login.example.com"}}"#
        guard case .failure(let error) = try await metadata(Reply.bytes(200, body: body)) else {
            Issue.record("accepted")
            return
        }
        #expect(error.description.contains("login.example.com"))
    }

    @Test("a compressed page is read")
    func compressed() async throws {
        // gzip of {"AzureAD":null}, made by gzip(1).
        let packed: [UInt8] = [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xAB, 0x56, 0x72, 0xAC, 0x2A, 0x2D, 0x4A, 0x75, 0x74, 0x51, 0xB2,
            0xCA,
            0x2B, 0xCD, 0xC9, 0xA9, 0x05, 0x00, 0xF8, 0xD7, 0x1E, 0x7D, 0x10, 0x00, 0x00, 0x00,
        ]
        #expect(try await metadata(Reply.bytes(200, ["Content-Encoding: gzip"], body: packed)).get() == .publicCloud)
    }

    @Test("an answer is kept, a failure is not")
    func caching() async throws {
        let transport = try CurlTransport()
        defer { transport.close() }
        let script: [ScriptedServer.Step] = [
            .readRequest, .send(Reply.bytes(503)), .readRequest, .send(Reply.bytes(200, body: #"{"AzureAD":null}"#)),
        ]
        try await ScriptedServer.with([script]) { server in
            let service = try #require(SecretURL(server.origin))
            let source = CloudMetadataSource(transport)
            await #expect(throws: AuthError.self) { try await source.metadata(of: service) }
            _ = try await source.metadata(of: service)
            _ = try await source.metadata(of: service)
            #expect(server.requests.count == 2)
        }
    }
}
