import CurlTransport
import Glibc
import HTTPTransport
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct TLSTests {
    @Test("a certificate of an unknown authority is refused before anything is sent, and accepted when its authority is named")
    func authority() async throws {
        try await TemporaryDirectory.with { scratch in
            let directory = scratch.path
            let identity = try TLSIdentity(in: directory)
            let script: [ScriptedServer.Step] = [.readRequest, .send(Reply.bytes(200, body: "ok"))]
            try await ScriptedServer.with([], others: script, identity: identity) { server in
                let request = try HTTPRequest(.post, to: server, body: [1])
                try await withTransport { transport in
                    let failure = try #require(await transport.failure(of: request))
                    #expect(failure.reason == .tlsFailed)
                    #expect(failure.processing == .surelyNot)
                    #expect(failure.detail.contains("certificate"))
                    #expect(!"\(failure)".contains("sig="))
                }
                #expect(server.requests.isEmpty)
                var configuration = CurlConfiguration()
                configuration.caFile = identity.authorityFile
                try await withTransport(configuration) { transport in
                    let response = try await transport.send(request)
                    #expect(response.body == Array("ok".utf8))
                    #expect(response.timing.tlsEstablished >= response.timing.connected)
                }
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test("a certificate for another host is refused")
    func hostName() async throws {
        try await TemporaryDirectory.with { scratch in
            let directory = scratch.path
            let identity = try TLSIdentity(in: directory, names: "DNS:elsewhere.example")
            var configuration = CurlConfiguration()
            configuration.caFile = identity.authorityFile
            try await withTransport(configuration) { transport in
                try await ScriptedServer.with([[.readRequest, .send(Reply.bytes(200))]], identity: identity) { server in
                    let request = try HTTPRequest(.get, to: server)
                    let failure = try #require(await transport.failure(of: request))
                    #expect(failure.reason == .tlsFailed)
                    #expect(failure.processing == .surelyNot)
                    #expect(server.requests.isEmpty)
                }
            }
        }
    }

    @Test("a server that speaks no TLS is refused")
    func plainServer() async throws {
        try await withTransport { transport in
            try await ScriptedServer.with([[.send(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)), .readHead]]) { server in
                let url = try #require(SecretURL(server.origin.replacing("http://", with: "https://")))
                let failure = try #require(await transport.failure(of: HTTPRequest(.post, url, body: [1])))
                #expect(failure.reason == .tlsFailed)
                #expect(failure.processing == .surelyNot)
            }
        }
    }

    @Test("the authorities are read once, and not for each connection")
    func authoritiesAreKept() async throws {
        try await TemporaryDirectory.with { scratch in
            let identity = try TLSIdentity(in: scratch.path)
            var configuration = CurlConfiguration()
            configuration.caFile = identity.authorityFile
            let script: [ScriptedServer.Step] = [.readRequest, .send(Reply.bytes(200, ["Connection: close"]))]
            try await withTransport(configuration) { transport in
                try await ScriptedServer.with([], others: script, identity: identity) { server in
                    let request = try HTTPRequest(.get, to: server)
                    let first = try await transport.send(request)
                    #expect(unlink(identity.authorityFile) == 0)
                    let second = try await transport.send(request)
                    #expect(first.status == 200 && second.status == 200)
                    #expect(!second.timing.reusedConnection)
                }
            }
        }
    }
}
