import CurlTransport
import Glibc
import HTTPTransport
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// What is made of a response.
@Suite struct ResponseTests {
    private func response(_ bytes: [UInt8], _ method: HTTPRequest.Method = .get, acceptsCompression: Bool = false) async throws
        -> HTTPResponse
    {
        try await withTransport { transport in
            try await ScriptedServer.with([[.readRequest, .trickle(bytes)]]) { server in
                var request = try HTTPRequest(method, to: server)
                request.acceptsCompression = acceptsCompression
                let response = try await transport.send(request)
                #expect((server.requests.first?.header("Accept-Encoding") != nil) == acceptsCompression)
                return response
            }
        }
    }

    @Test("only the final response's headers are kept, folded lines are joined, and trailers are not headers")
    func heads() async throws {
        let text =
            "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 201 Server failed to be short, all of it\r\nX-A:  b  \r\nX-Fold: one\r\n two\r\n"
            + "x-a: second\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Trailer: t\r\n\r\n"
        let response = try await response(Array(text.utf8))
        #expect(response.status == 201)
        #expect(response.header("x-A") == "b")
        #expect(response.header("X-Fold") == "one two")
        #expect(response.header("X-Early") == nil)
        #expect(response.header("X-Trailer") == nil)
        #expect(response.headers.all.filter { $0.name.lowercased() == "x-a" }.map(\.value) == ["b", "second"])
        #expect(response.body == Array("abc".utf8))
    }

    @Test(
        "a status is a response, whatever it is; redirects are not followed",
        arguments: [200, 204, 301, 302, 307, 400, 403, 404, 412, 500, 503])
    func statuses(status: Int) async throws {
        let response = try await response(Reply.bytes(status, ["Location: http://127.0.0.1:1/"], body: status == 204 ? "" : "body"))
        #expect(response.status == status)
        #expect(response.body == (status == 204 ? [] : Array("body".utf8)))
    }

    @Test("a HEAD has a length and no body")
    func head() async throws {
        let response = try await response(Array("HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n".utf8), .head)
        #expect(response.header("Content-Length") == "4000000000")
        #expect(response.body.isEmpty)
    }

    @Test("a compressed body is unpacked when that was asked for, and left alone when not")
    func compression() async throws {
        let packed: [UInt8] = [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xAB, 0x56, 0x72, 0xAC, 0x2A, 0x2D, 0x4A, 0x75, 0x74, 0x51, 0xB2,
            0xCA,
            0x2B, 0xCD, 0xC9, 0xA9, 0x05, 0x00, 0xF8, 0xD7, 0x1E, 0x7D, 0x10, 0x00, 0x00, 0x00,
        ]
        let reply = Reply.bytes(200, ["Content-Encoding: gzip"], body: packed)
        #expect(try await response(reply, acceptsCompression: true).body == Array(#"{"AzureAD":null}"#.utf8))
        #expect(try await response(reply).body == packed)
    }

    @Test("a hundred requests at once get their own answers")
    func concurrency() async throws {
        try await withTransport { transport in
            let script: [ScriptedServer.Step] = (0..<100).flatMap { _ in [.readRequest, .send(Reply.bytes(200, body: "ok"))] }
            try await ScriptedServer.with([], others: script) { server in
                try await withThrowingTaskGroup { group in
                    for number in 0..<100 {
                        let url = try #require(SecretURL("\(server.origin)/\(number)"))
                        group.addTask { try await transport.send(HTTPRequest(.put, url, body: Array("\(number)".utf8))).status }
                    }
                    for try await status in group { #expect(status == 200) }
                }
                #expect(Set(server.requests.map(\.target)) == Set((0..<100).map { "/\($0)" }))
                #expect(server.requests.allSatisfy { String(decoding: $0.body, as: UTF8.self) == $0.target.dropFirst() })
            }
        }
    }

    @Test("an answer that comes before the body is read is an answer")
    func earlyAnswer() async throws {
        try await withTransport { transport in
            let end = Gate()
            try await ScriptedServer.with([[.readHead, .send(Reply.bytes(413, ["Connection: close"])), .awaitEnd(end)]]) { server in
                let response = try await transport.send(HTTPRequest(.put, to: server, body: [UInt8](repeating: 1, count: 5_000_000)))
                #expect(response.status == 413)
            }
        }
    }

    @Test("no socket is left open to programs that the process starts")
    func closeOnExec() async throws {
        try await withTransport { transport in
            try await ScriptedServer.with([[.readRequest, .send(Reply.bytes(200)), .readRequest]]) { server in
                _ = try await transport.send(HTTPRequest(.get, to: server))
                let url = try #require(SecretURL(server.origin))
                let sockets = (0..<getdtablesize()).filter { Loopback.peerPort(of: $0) == url.port }
                #expect(!sockets.isEmpty)
                for socket in sockets { #expect(fcntl(socket, F_GETFD) & FD_CLOEXEC != 0) }
            }
        }
    }

    @Test("phases are in order, and counted from the start")
    func timing() async throws {
        let timing = try await response(Reply.bytes(200, body: "ok")).timing
        #expect(timing.nameResolved <= timing.connected)
        #expect(timing.connected > .zero)
        #expect(timing.connected <= timing.firstByte)
        #expect(timing.firstByte <= timing.total)
        #expect(timing.tlsEstablished == .zero)
    }
}
