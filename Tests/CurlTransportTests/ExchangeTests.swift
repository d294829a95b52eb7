import CurlTransport
import HTTPTransport
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct ExchangeTests {
    @Test("method, target, headers and body arrive as they were given", arguments: [0, 1, 5000, 65_535, 65_536, 3_000_000])
    func requestArrives(bodySize: Int) async throws {
        let body = (0..<bodySize).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let transport = try CurlTransport()
        defer { transport.close() }
        try await ScriptedServer.with([[.readRequest, .send(Reply.bytes(201, ["ETag: x"], body: "ok"))]]) { server in
            let url = try #require(SecretURL("\(server.origin)/c/./a%2Fb/../x?comp=block&sig=a%2Bb%3D"))
            let response = try await transport.send(
                HTTPRequest(
                    .put, url, headers: [HTTPHeader("X-One", "1"), HTTPHeader("Authorization", secret: Secret("Bearer t"))], body: body))
            #expect(response.status == 201)
            #expect(response.header("etag") == "x")
            #expect(response.body == Array("ok".utf8))
            let request = try #require(server.requests.first)
            #expect(request.method == "PUT")
            #expect(request.target == "/c/./a%2Fb/../x?comp=block&sig=a%2Bb%3D")
            #expect(request.header("X-One") == "1")
            #expect(request.header("Authorization") == "Bearer t")
            #expect(request.header("Content-Length") == "\(bodySize)")
            #expect(request.header("Expect") == nil)
            #expect(request.header("Content-Type") == nil)
            #expect(request.header("User-Agent") == "kusto-spool")
            #expect(request.body == body)
        }
    }

    @Test("a request has its own headers, however many, and its own target: nothing of the one before it on the same connection")
    func headAfterHead() async throws {
        let long = (0..<40).map { HTTPHeader("X-\($0)", String(repeating: "v", count: 100 + $0)) }
        let transport = try CurlTransport()
        defer { transport.close() }
        try await ScriptedServer.with([[.readRequest, .send(Reply.bytes(200)), .readRequest, .send(Reply.bytes(200))]]) { server in
            let first = try #require(SecretURL("\(server.origin)?sig=first"))
            let second = try #require(SecretURL("\(server.origin)/second"))
            _ = try await transport.send(HTTPRequest(.get, first, headers: long))
            _ = try await transport.send(HTTPRequest(.get, second, headers: [HTTPHeader("X-39", "short"), HTTPHeader("X-Empty", "")]))
            let requests = server.requests
            #expect(requests.map(\.target) == ["/?sig=first", "/second"])
            for header in long {
                #expect(requests[0].header(header.name) == String(repeating: "v", count: 100 + (Int(header.name.dropFirst(2)) ?? 0)))
            }
            #expect(requests[1].header("X-39") == "short")
            #expect(requests[1].header("X-Empty") == "")
            #expect(requests[1].header("X-0") == nil)
        }
    }
}
