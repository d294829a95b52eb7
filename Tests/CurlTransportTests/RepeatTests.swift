import CurlTransport
import HTTPTransport
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// What becomes of a request when a connection that was kept open turns out to be dead.
@Suite struct RepeatTests {
    enum Death: CaseIterable, Sendable {
        case closed, reset

        var step: ScriptedServer.Step { self == .closed ? .close : .reset }
    }

    /// Keeps a connection however long a loaded machine takes from one request to the next: its age is no matter here.
    private static let patient: CurlConfiguration = {
        var configuration = CurlConfiguration()
        configuration.idleTime = .seconds(3600)
        configuration.connectionLifetime = .seconds(3600)
        return configuration
    }()

    /// One answered request, then one that the server reads whole and does not answer; a second connection answers everything.
    private func script(_ death: Death) -> [[ScriptedServer.Step]] {
        [[.readRequest, .send(Reply.bytes(200)), .readRequest, death.step], [.readRequest, .send(Reply.bytes(201))]]
    }

    @Test("a repeatable request is sent again by itself, and the server has it twice", arguments: Death.allCases, [10, 200_000])
    func repeated(death: Death, bodySize: Int) async throws {
        try await withTransport(Self.patient) { transport in
            try await ScriptedServer.with(script(death), others: [.readRequest, .send(Reply.bytes(202))]) { server in
                _ = try await transport.send(HTTPRequest(.get, to: server))
                var request = try HTTPRequest(.post, to: server, body: [UInt8](repeating: 7, count: bodySize))
                request.isRepeatable = true
                #expect(try await transport.send(request).status == 201)
                #expect(server.requests.map(\.method) == ["GET", "POST", "POST"])
                #expect(server.requests.map(\.connection) == [0, 0, 1])
                #expect(server.requests.map(\.body.count) == [0, bodySize, bodySize])
            }
        }
    }

    @Test(
        "a request that is not repeatable reaches the server once, and the sender is told that it may have", arguments: Death.allCases,
        [10, 200_000])
    func notRepeated(death: Death, bodySize: Int) async throws {
        try await withTransport(Self.patient) { transport in
            try await ScriptedServer.with(script(death), others: [.readRequest, .send(Reply.bytes(202))]) { server in
                _ = try await transport.send(HTTPRequest(.get, to: server))
                let request = try HTTPRequest(.post, to: server, body: [UInt8](repeating: 7, count: bodySize))
                #expect(!request.isRepeatable)
                let failure = try #require(await transport.failure(of: request))
                #expect(failure.processing == .perhaps)
                #expect(failure.reason == .connectionLost)
                #expect(failure.detail.contains("not sent again"))
                #expect(server.requests.map(\.method) == ["GET", "POST"])
                // The transport goes on: the next request gets a connection of its own.
                let next = try await transport.send(HTTPRequest(.get, to: server))
                #expect(next.status == 202)
            }
        }
    }

    @Test("only POST is not repeatable by itself")
    func defaults() throws {
        let url = try #require(SecretURL("http://127.0.0.1:1"))
        #expect(HTTPRequest(.get, url).isRepeatable && HTTPRequest(.put, url).isRepeatable && HTTPRequest(.delete, url).isRepeatable)
        #expect(!HTTPRequest(.post, url).isRepeatable)
    }

    @Test("a connection that the server closed while it was idle is not used again", arguments: [false, true])
    func idleClose(isEncrypted: Bool) async throws {
        try await TemporaryDirectory.with { scratch in
            let directory = scratch.path
            let identity = isEncrypted ? try TLSIdentity(in: directory) : nil
            var configuration = CurlConfiguration()
            configuration.caFile = identity?.authorityFile
            try await withTransport(configuration) { transport in
                for _ in 0..<20 {
                    let closed = Gate()
                    let connections: [[ScriptedServer.Step]] = [
                        [.readRequest, .send(Reply.bytes(200)), .close, .stop(closed)], [.readRequest, .send(Reply.bytes(201))],
                    ]
                    try await ScriptedServer.with(connections, identity: identity) { server in
                        _ = try await transport.send(HTTPRequest(.get, to: server))
                        await closed.reached.wait()
                        // Not repeatable: had it been written to the dead connection, it would fail.
                        let response = try await transport.send(HTTPRequest(.post, to: server, body: [1]))
                        #expect(response.status == 201)
                        #expect(!response.timing.reusedConnection)
                        #expect(server.requests.map(\.connection) == [0, 1])
                    }
                }
            }
        }
    }

    @Test("a connection that stays open is used again")
    func reuse() async throws {
        try await withTransport(Self.patient) { transport in
            let twice: [ScriptedServer.Step] = [.readRequest, .send(Reply.bytes(200)), .readRequest, .send(Reply.bytes(200))]
            try await ScriptedServer.with([twice]) { server in
                let first = try await transport.send(HTTPRequest(.get, to: server))
                let second = try await transport.send(HTTPRequest(.post, to: server))
                #expect(!first.timing.reusedConnection)
                #expect(second.timing.reusedConnection)
                #expect(server.connectionCount == 1)
            }
        }
    }
}
