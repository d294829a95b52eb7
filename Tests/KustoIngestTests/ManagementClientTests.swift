import HTTPTransport
import KustoIngest
import KustoWire
import SpoolPrimitives
import Testing

@Suite struct ManagementClientTests {
    private struct TokenFailure: Error, CustomStringConvertible {
        var description: String { "AADSTS7000215: wrong secret" }
    }

    /// Gives `token-1`, `token-2` … and remembers which were rejected.
    private final class Tokens: Sendable {
        private let state = Lock((given: 0, current: 1, rejected: [String]()))
        var rejected: [String] { state.withLock { $0.rejected } }

        var source: AccessTokenSource {
            AccessTokenSource {
                Secret("token-\(self.state.withLock { $0.current })")
            } tokenRejected: { token in
                self.state.withLock { state in
                    state.rejected.append(token.revealed)
                    state.current += 1
                }
            }
        }
    }

    private static func client(_ transport: ScriptedTransport, _ tokens: AccessTokenSource = Tokens().source) throws -> ManagementClient {
        ManagementClient(
            endpoint: try IngestEndpoint(configured: "https://ingest-c.kusto.windows.net"), transport: transport, credential: tokens,
            client: ClientIdentity(application: "kusto-spool", version: "1"), random: .seeded(1))
    }

    private static func failure(_ transport: ScriptedTransport, _ tokens: AccessTokenSource = Tokens().source) async throws
        -> ManagementError
    {
        let client = try Self.client(transport, tokens)
        do throws(ManagementError) {
            _ = try await client.execute(.ingestionResources)
        } catch {
            return error
        }
        throw TestFailure("there was no error")
    }

    @Test("a command is posted with the token, and its tables come with the server's date")
    func success() async throws {
        let date = (name: "date", value: "Sun, 06 Nov 1994 08:49:37 GMT")
        let transport = ScriptedTransport(HTTPResponse(200, Fixtures.token, headers: [date]))
        let reply = try await Self.client(transport).execute(.identityToken)
        #expect(try reply.response.identityToken().revealed == "identity-token")
        #expect(reply.serverDate == Timestamp(seconds: 784_111_777))
        let request = try #require(transport.requests.first)
        #expect(request.method == .post)
        #expect(request.url.revealed == "https://ingest-c.kusto.windows.net/v1/rest/mgmt")
        #expect(request.bodyText == #"{"db":"NetDefaultDB","csl":".get kusto identity token"}"#)
        #expect(request.header("Authorization") == "Bearer token-1")
        #expect(request.header("Accept") == "application/json")
        #expect(!"\(request)".contains("token-1"))
    }

    @Test("a 401 costs the token and is tried once more, not twice")
    func unauthorized() async throws {
        let tokens = Tokens()
        let good = ScriptedTransport(HTTPResponse(401), HTTPResponse(200, Fixtures.token))
        _ = try await Self.client(good, tokens.source).execute(.identityToken)
        #expect(good.requests.map { $0.header("Authorization") } == ["Bearer token-1", "Bearer token-2"])
        #expect(Set(good.requests.map { $0.header("x-ms-client-request-id") }).count == 2)
        #expect(tokens.rejected == ["token-1"])

        let bad = ScriptedTransport(HTTPResponse(401))
        let error = try await Self.failure(bad, Tokens().source)
        #expect(bad.requests.count == 2)
        #expect(error.status == 401)
        #expect(error.isPermanent)
        #expect(error.description.contains("check cluster.credential"))
    }

    @Test("without a token nothing is sent")
    func noToken() async throws {
        let transport = ScriptedTransport(HTTPResponse(200))
        let source = AccessTokenSource {
            throw TokenFailure()
        } tokenRejected: { _ in
        }
        let error = try await Self.failure(transport, source)
        #expect(transport.requests.isEmpty)
        #expect(
            error.description
                == ".get ingestion resources at https://ingest-c.kusto.windows.net: no access token: AADSTS7000215: wrong secret")
        #expect(!error.isPermanent)
    }

    private static func service(_ permanent: String) -> String {
        #"{"error":{"code":"C","message":"m","@message":"detail","@type":"T"\#(permanent)}}"#
    }

    @Test(
        "permanence is what the service says, and what the status says where it is silent",
        arguments: [
            (400, service(#","@permanent":true"#), true), (400, service(#","@permanent":false"#), false), (400, service(""), false),
            (500, service(#","@permanent":true"#), true), (500, "", false), (503, "<html>busy</html>", false), (520, service(""), false),
            (504, "", false), (429, service(#","@permanent":true"#), false), (429, "", false), (408, "", false),
            (401, "", true), (403, "", true), (403, service(#","@permanent":false"#), false), (404, "<html>", true),
            (404, service(""), false),
            (409, #"{"message":"conflict"}"#, true), (413, "", true), (302, "", true),
        ])
    func permanence(status: Int, body: String, isPermanent: Bool) async throws {
        let error = try await Self.failure(ScriptedTransport(HTTPResponse(status, body)))
        #expect(error.isPermanent == isPermanent)
        #expect(error.status == status)
    }

    @Test("the engine's refusal names the right URL, and is permanent whatever it says")
    func wrongEndpoint() async throws {
        let error = try await Self.failure(
            ScriptedTransport(
                HTTPResponse(
                    400,
                    #"""
                    {"error":{"code":"BadRequest","@type":"Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException",
                     "@message":"use 'https://ingest-c.westeurope.kusto.windows.net/'","@permanent":false}}
                    """#)))
        #expect(error.isPermanent)
        #expect(
            error.description.hasSuffix(
                "cluster.ingestion_uri is a query endpoint, write the data management endpoint instead: https://ingest-c.westeurope.kusto.windows.net"
            ))
    }

    @Test(
        "a wish to be left alone is read as seconds or as a date by the server's clock",
        arguments: [
            ("7", Duration.seconds(7)), (" 7 ", .seconds(7)), ("0", .zero), ("-1", nil), ("soon", nil), ("99999999999", nil),
            ("Sun, 06 Nov 1994 08:50:37 GMT", .seconds(60)), ("Sun, 06 Nov 1994 08:48:37 GMT", nil),
        ] as [(String, Duration?)])
    func retryAfter(text: String, expected: Duration?) async throws {
        let headers = [(name: "Date", value: "Sun, 06 Nov 1994 08:49:37 GMT"), (name: "retry-after", value: text)]
        let error = try await Self.failure(ScriptedTransport(HTTPResponse(429, "", headers: headers)))
        #expect(error.retryAfter == expected)
    }

    @Test("a failed connection is transient and says what the transport said")
    func transportFailure() async throws {
        let cause = HTTPTransportError(
            reason: .connectionFailed, processing: .surelyNot, operation: "POST https://ingest-c", detail: "connection refused")
        let error = try await Self.failure(ScriptedTransport([.failure(cause)]))
        #expect(error.description == ".get ingestion resources at https://ingest-c.kusto.windows.net: connection refused")
        #expect(!error.isPermanent)
        #expect(error.status == nil)
    }

    @Test(
        "a reply that is none, or only half, is an error without secrets",
        arguments: ["<html>", "", #"{"Tables":[{"Rows":[["TempStorage","https://a?sig=hunter2"#])
    func notAReply(body: String) async throws {
        let error = try await Self.failure(ScriptedTransport(HTTPResponse(200, body)))
        #expect(!error.isPermanent)
        #expect(error.status == 200)
        #expect(!"\(error)".contains("hunter2"))
    }

    @Test("a snapshot is both commands' answers, with the later reply's date")
    func fetchesSnapshot() async throws {
        let rows = [
            ("TempStorage", "https://a.blob.core.windows.net/c?se=1994-11-07&sig=hunter2"),
            ("SecuredReadyForAggregationQueue", "https://a.queue.core.windows.net/q?sig=hunter2"),
        ]
        let transport = ScriptedTransport(
            HTTPResponse(200, Fixtures.resources(rows), headers: [("Date", "Sun, 06 Nov 1994 08:49:36 GMT")]),
            HTTPResponse(200, Fixtures.token, headers: [("Date", "Sun, 06 Nov 1994 08:49:37 GMT")]))
        let time = ManualTime()
        let snapshot = try await Self.client(transport).fetchSnapshot(on: time)
        #expect(transport.requests.map(\.bodyText).map { $0.contains("ingestion resources") } == [true, false])
        #expect(snapshot.identityToken.revealed == "identity-token")
        #expect(snapshot.moment.server == Timestamp(seconds: 784_111_777))
        #expect(snapshot.clockOffset == Timestamp(seconds: 784_111_777) - time.wallNow)
    }

    @Test("an answer without containers, queues or token is no snapshot")
    func uselessAnswers() async throws {
        let container = ("TempStorage", "https://a.blob.core.windows.net/c?sig=hunter2")
        let queue = ("SecuredReadyForAggregationQueue", "https://a.queue.core.windows.net/q?sig=hunter2")
        let empty = #"{"Tables":[{"Columns":[{"ColumnName":"AuthorizationContext"}],"Rows":[[""]]}]}"#
        for (rows, token, words) in [
            ([container], Fixtures.token, "lent no ingestion queue"), ([queue], Fixtures.token, "lent no container"),
            ([], Fixtures.token, "lent no container"),
            ([container, queue], empty, "lacks the identity token"),
        ] {
            let transport = ScriptedTransport(HTTPResponse(200, Fixtures.resources(rows)), HTTPResponse(200, token))
            let client = try Self.client(transport)
            do throws(ManagementError) {
                _ = try await client.fetchSnapshot(on: ManualTime())
                Issue.record("accepted: \(words)")
            } catch {
                #expect(error.description.contains(words))
                #expect(!error.description.contains("hunter2"))
            }
        }
    }
}

struct TestFailure: Error {
    var message: String
    init(_ message: String) { self.message = message }
}
