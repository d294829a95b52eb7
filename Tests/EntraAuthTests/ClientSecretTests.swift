import CurlTransport
import EntraAuth
import HTTPTransport
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct ClientSecretTests {
    private static let secret = "p~w+d/&=% é"

    /// Exchanges the secret at a server that gives one reply.
    private func exchange(
        _ reply: [UInt8], time: ManualTime = ManualTime()
    ) async throws -> (outcome: Result<AccessToken, AuthError>, requests: [RecordedRequest]) {
        let transport = try CurlTransport()
        defer { transport.close() }
        return try await TemporaryDirectory.with { scratch in
            let directory = scratch.path
            try TextFile.write(Self.secret + "\n", to: "\(directory)/secret")
            return try await ScriptedServer.with([[.readRequest, .send(reply)]]) { server in
                let login = try #require(SecretURL(server.origin))
                let provider = ClientSecretProvider(
                    transport: transport, tenant: "contoso.example", clientID: "app-1", secretFile: try SecretFile("\(directory)/secret"),
                    time: time)
                do throws(AuthError) {
                    let audience = TokenAudience(loginEndpoint: login, resource: "https://kusto.kusto.windows.net")
                    return (.success(try await provider.token(for: audience)), server.requests)
                } catch {
                    return (.failure(error), server.requests)
                }
            }
        }
    }

    @Test("the exchange is the one of the v2 endpoint, and the secret is encoded")
    func request() async throws {
        let (outcome, requests) = try await exchange(
            Reply.bytes(200, body: #"{"access_token":"t","expires_in":3599,"token_type":"Bearer"}"#))
        #expect(try outcome.get().secret.revealed == "t")
        let request = try #require(requests.first)
        #expect(request.method == "POST")
        #expect(request.target == "/contoso.example/oauth2/v2.0/token")
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "grant_type=client_credentials&client_id=app-1&client_secret=p~w%2Bd%2F%26%3D%25%20%C3%A9&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default"
        )
    }

    @Test(
        "lifetimes are read as numbers and as strings, as spans and as instants",
        arguments: [
            (#"{"access_token":"t","expires_in":3599}"#, Int64(3599), Int64?.none),
            (#"{"access_token":"t","expires_in":"3599"}"#, 3599, nil),
            (#"{"access_token":"t","expires_on":"1800000100"}"#, 100, nil),
            (#"{"access_token":"t","expires_on":1800000100,"not_before":0,"resource":"r"}"#, 100, nil),
            (#"{"access_token":"t","expires_in":86400,"refresh_in":"43200"}"#, 86_400, 43_200),
            (#"{"access_token":"t","expires_in":86400,"refresh_on":1800043200}"#, 86_400, 43_200),
            (#"{"access_token":"t","expires_in":100,"expires_on":1,"refresh_in":"soon"}"#, 100, nil),
        ])
    func lifetimes(body: String, expires: Int64, refresh: Int64?) async throws {
        let time = ManualTime(wall: Timestamp(seconds: 1_800_000_000))
        let token = try await exchange(Reply.bytes(200, body: body), time: time).outcome.get()
        #expect(token.expiresOn == Timestamp(seconds: 1_800_000_000 + expires))
        #expect(token.refreshOn == refresh.map { Timestamp(seconds: 1_800_000_000 + $0) })
    }

    @Test(
        "a reply without a token or a lifetime is no token",
        arguments: [
            "", "{}", "[]", #"{"access_token":"t"}"#, #"{"access_token":"","expires_in":1}"#, #"{"access_token":"t","expires_in":-1}"#,
            "<html>",
        ])
    func unreadable(body: String) async throws {
        let outcome = try await exchange(Reply.bytes(200, body: body)).outcome
        guard case .failure(let error) = outcome else {
            Issue.record("a token was read")
            return
        }
        #expect(error.description.contains("cannot be understood"))
        #expect(error.isTransient)
    }

    @Test(
        "a refusal says Entra's number, its sentence, and what to do",
        arguments: [
            (401, 7_000_215, "invalid_client", "client secret is wrong"), (401, 7_000_222, "invalid_client", "has expired"),
            (400, 700_016, "unauthorized_client", "not in this tenant"), (400, 90_002, "invalid_request", "no such tenant"),
            (400, 70_011, "invalid_scope", "scope is wrong"), (400, 700_024, "invalid_client", "clock"),
            (400, 500_011, "invalid_resource", "not known in this tenant"),
        ])
    func refusals(status: Int, number: Int, code: String, hint: String) async throws {
        let body =
            #"{"error":"\#(code)","error_description":"AADSTS\#(number): Something.\r\nTrace ID: x\r\nTimestamp: y","error_codes":[\#(number)],"correlation_id":"c-1"}"#
        guard case .failure(let error) = try await exchange(Reply.bytes(status, body: body)).outcome else {
            Issue.record("a token was read")
            return
        }
        #expect(error.aadsts == number)
        #expect(error.code == code)
        #expect(error.message == "AADSTS\(number): Something.")
        #expect(error.correlationID == "c-1")
        #expect(!error.isTransient)
        #expect(error.description.contains(hint))
        #expect(!error.description.contains("Trace ID"))
    }

    @Test(
        "what passes by itself is told from what does not",
        arguments: [
            (429, #"{"error":"x"}"#, true), (503, "", true), (400, #"{"error":"x","error_description":"AADSTS90033: later"}"#, true),
            (400, #"{"error":"x","error_codes":["50196"]}"#, true), (400, "not json", false), (401, #"{"error":"invalid_client"}"#, false),
        ])
    func transience(status: Int, body: String, isTransient: Bool) async throws {
        guard case .failure(let error) = try await exchange(Reply.bytes(status, ["Retry-After: 7"], body: body)).outcome else {
            Issue.record("a token was read")
            return
        }
        #expect(error.isTransient == isTransient)
        #expect(error.retryAfter == .seconds(7))
    }

    @Test("an endpoint that quotes the secret does not get it into the error")
    func quotedSecret() async throws {
        let quoted = #"{"error":"invalid_client","error_description":"AADSTS1: you sent p~w+d/&=% é"}"#
        let harmless = #"{"error":"invalid_client","error_description":"AADSTS1: you sent something"}"#
        guard case .failure(let seen) = try await exchange(Reply.bytes(401, body: harmless)).outcome,
            case .failure(let error) = try await exchange(Reply.bytes(401, body: quoted)).outcome
        else {
            Issue.record("a token was read")
            return
        }
        #expect(seen.description.contains("you sent"))
        #expect(!error.description.contains("p~w"))
    }

    @Test("no secret is sent to a host that takes no logins")
    func untrusted() async throws {
        let transport = try CurlTransport()
        defer { transport.close() }
        let provider = ClientSecretProvider(
            transport: transport, tenant: "t", clientID: "c", secretFile: try SecretFile("/nonexistent/secret"))
        let login = try #require(SecretURL("https://login.example.com"))
        await #expect {
            try await provider.token(for: TokenAudience(loginEndpoint: login, resource: "r"))
        } throws: { error in
            guard case .untrusted? = (error as? AuthError)?.kind else { return false }
            return "\(error)".contains("login.example.com")
        }
    }
}
