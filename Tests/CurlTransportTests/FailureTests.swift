import CurlTransport
import HTTPTransport
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// What is said about a request that got no response: why, and what the server may have done.
@Suite struct FailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var script: [ScriptedServer.Step]
        var limits = HTTPLimits.standard
        var reason: HTTPTransportError.Reason
        var processing: HTTPTransportError.Processing

        var testDescription: String { name }
    }

    private static let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n".utf8)
    private static let huge = Array("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n".utf8)
    private static let chunk =
        Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n".utf8) + [UInt8](repeating: 65, count: 0x20000)

    static let cases = [
        Case(name: "closed without an answer", script: [.readRequest], reason: .connectionLost, processing: .perhaps),
        Case(name: "reset without an answer", script: [.readRequest, .reset], reason: .connectionLost, processing: .perhaps),
        Case(name: "reset after the head", script: [.readHead, .reset], reason: .connectionLost, processing: .perhaps),
        Case(
            name: "half a status line", script: [.readRequest, .send(Array("HTTP/1.".utf8))], reason: .connectionLost,
            processing: .perhaps),
        Case(
            name: "half a head", script: [.readRequest, .send(Array("HTTP/1.1 200 OK\r\nContent-".utf8)), .reset], reason: .connectionLost,
            processing: .surely(status: 200)),
        Case(
            name: "another protocol", script: [.readRequest, .send(Array("SSH-2.0-OpenSSH\r\n".utf8))], reason: .malformedResponse,
            processing: .perhaps),
        Case(
            name: "half a body", script: [.readRequest, .send(head + [1, 2, 3])], reason: .connectionLost, processing: .surely(status: 200)),
        Case(
            name: "a length above the bound", script: [.readRequest, .send(huge)], reason: .responseTooLarge,
            processing: .surely(status: 200)),
        Case(
            name: "chunks above the bound", script: [.readRequest, .send(chunk)], limits: .short, reason: .responseTooLarge,
            processing: .surely(status: 200)),
        Case(
            name: "an endless head",
            script: [.readRequest, .send(Array(("HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 50_000)).utf8))],
            reason: .responseTooLarge, processing: .surely(status: 200)),
        Case(name: "no answer in time", script: [.readRequest, .stop(Gate())], limits: .short, reason: .timedOut, processing: .perhaps),
        Case(
            name: "no body in time", script: [.readRequest, .send(head), .stop(Gate())], limits: .short, reason: .timedOut,
            processing: .surely(status: 200)),
        Case(
            name: "only a preliminary answer", script: [.readRequest, .send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)), .reset],
            reason: .connectionLost, processing: .perhaps),
    ]

    @Test("the reason and the server's part are told as they were", arguments: cases)
    func scripted(failing: Case) async throws {
        try await withTransport { transport in
            try await ScriptedServer.with([failing.script]) { server in
                let request = try HTTPRequest(.post, to: server, body: [1, 2, 3], limits: failing.limits)
                #expect(request.url.revealed.contains("sig="))
                let failure = try #require(await transport.failure(of: request))
                #expect(failure.reason == failing.reason)
                #expect(failure.processing == failing.processing)
                #expect(failure.operation == "POST \(server.origin)/path")
                #expect(!"\(failure)".contains("sig="))
            }
        }
    }

    @Test("a port where nobody listens was surely not reached")
    func refused() async throws {
        try await withTransport { transport in
            let url = try #require(SecretURL("http://127.0.0.1:\(Loopback.closedPort())/?sig=x"))
            let failure = try #require(await transport.failure(of: HTTPRequest(.post, url, body: [1])))
            #expect(failure.reason == .connectionFailed)
            #expect(failure.processing == .surelyNot)
            #expect(!"\(failure)".contains("sig="))
        }
    }

    @Test("a handshake that does not come to an end was surely not the request")
    func handshakeTimeout() async throws {
        try await withTransport { transport in
            try await ScriptedServer.with([[.stop(Gate())]]) { server in
                let origin = server.origin.replacing("http://", with: "https://")
                let url = try #require(SecretURL(origin))
                let failure = try #require(await transport.failure(of: HTTPRequest(.post, url, body: [1], limits: .short)))
                #expect(failure.reason == .timedOut)
                #expect(failure.processing == .surelyNot)
            }
        }
    }

    @Test("a proxy's refusal is not the server's answer")
    func proxyRefusal() async throws {
        try await ScriptedServer.with([[.readRequest, .send(Reply.bytes(502))]]) { proxy in
            var configuration = CurlConfiguration()
            configuration.proxy = .server(try #require(SecretURL(proxy.origin)))
            try await withTransport(configuration) { transport in
                let url = try #require(SecretURL("https://storage.example/q?sig=x"))
                let failure = try #require(await transport.failure(of: HTTPRequest(.post, url, body: [1])))
                #expect(failure.processing == .surelyNot)
                #expect(proxy.requests.map(\.method) == ["CONNECT"])
            }
        }
    }

    @Test(
        "what the rules forbid is refused before anything is sent",
        arguments: ["http://10.0.0.1/x", "http://example.com/x", "http://127.0.0.1.example.com/x"])
    func plainHTTP(address: String) async throws {
        try await withTransport { transport in
            let url = try #require(SecretURL(address))
            let failure = try #require(await transport.failure(of: HTTPRequest(.get, url)))
            #expect(failure.reason == .refusedHere)
            #expect(failure.processing == .surelyNot)
        }
    }

    @Test(
        "a header that would begin another line is refused",
        arguments: [("X-A", "1\r\nX-B: 2"), ("X-A\r\nX-B", "1"), ("", "1"), ("X A", "1"), ("X:A", "1"), ("X-A", "1\u{0}")])
    func headerInjection(name: String, value: String) async throws {
        try await withTransport { transport in
            try await ScriptedServer.with([]) { server in
                var request = try HTTPRequest(.get, to: server)
                request.headers = [HTTPHeader(name, secret: Secret(value))]
                #expect(await transport.failure(of: request)?.reason == .refusedHere)
                #expect(server.connectionCount == 0)
            }
        }
    }

    @Test("an address that would begin another line, or whose path would not be one, is refused without showing it")
    func targetInjection() async throws {
        try await withTransport { transport in
            try await ScriptedServer.with([]) { server in
                let sound = try #require(SecretURL("\(server.origin)/path?sig=aB%2Bc"))
                let bare = try #require(SecretURL("\(server.origin)?sig=aB%2Bc"))
                let targets = [
                    sound.appendingPath("a b"), sound.appendingPath("a HTTP/1.1\r\nX-B: 2"), sound.appendingToLastSegment("\u{7F}"),
                    sound.prefixingQuery("a=\n"), sound.prefixingQuery("a#b"), bare.appendingToLastSegment("()"),
                ]
                for target in targets {
                    let failure = try #require(await transport.failure(of: HTTPRequest(.get, target)))
                    #expect(failure.reason == .refusedHere && failure.processing == .surelyNot)
                    #expect(!"\(failure)".contains("aB%2Bc"))
                }
                #expect(server.connectionCount == 0)
            }
        }
    }

    @Test("a CA file that is not there stops the start, by name")
    func missingCAFile() {
        var configuration = CurlConfiguration()
        configuration.caFile = "/nonexistent/ca.pem"
        #expect {
            try CurlTransport(configuration)
        } throws: { error in
            "\(error)".contains("/nonexistent/ca.pem")
        }
    }
}
