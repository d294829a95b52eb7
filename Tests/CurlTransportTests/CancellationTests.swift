import CurlTransport
import HTTPTransport
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct CancellationTests {
    @Test("a cancelled request leaves the network, and says that the server may have acted")
    func whileWaiting() async throws {
        try await withTransport { transport in
            let asked = Gate()
            let ended = Gate()
            try await ScriptedServer.with([[.readRequest, .stop(asked), .awaitEnd(ended)]]) { server in
                let request = try HTTPRequest(.post, to: server, body: [1])
                await withTaskGroup(of: HTTPTransportError?.self) { group in
                    group.addTask { await transport.failure(of: request) }
                    await asked.reached.wait()
                    group.cancelAll()
                    guard let failure = await group.next() ?? nil else { return }
                    #expect(failure.reason == .cancelled)
                    #expect(failure.processing == .perhaps)
                }
                asked.open()
                await ended.reached.wait()
            }
        }
    }

    @Test("a task that is already cancelled sends nothing")
    func beforeStart() async throws {
        try await withTransport { transport in
            try await ScriptedServer.with([]) { server in
                let request = try HTTPRequest(.post, to: server)
                await withTaskGroup(of: HTTPTransportError?.self) { group in
                    group.cancelAll()
                    group.addTask { await transport.failure(of: request) }
                    guard let failure = await group.next() ?? nil else { return }
                    #expect(failure.reason == .cancelled)
                    #expect(failure.processing == .surelyNot)
                }
                #expect(server.connectionCount == 0)
            }
        }
    }

    @Test("closing ends what is in flight, refuses what comes later, and may be repeated")
    func close() async throws {
        let transport = try CurlTransport()
        let asked = Gate()
        try await ScriptedServer.with([[.readRequest, .stop(asked)]]) { server in
            let request = try HTTPRequest(.post, to: server)
            await withTaskGroup(of: HTTPTransportError?.self) { group in
                group.addTask { await transport.failure(of: request) }
                await asked.reached.wait()
                transport.close()
                guard let failure = await group.next() ?? nil else { return }
                #expect(failure.reason == .cancelled)
                #expect(failure.processing == .perhaps)
            }
            let later = try #require(await transport.failure(of: request))
            #expect(later.reason == .cancelled)
            #expect(later.processing == .surelyNot)
            transport.close()
        }
    }

    @Test("cancellations at any moment end every request, with a response or as cancelled")
    func anyMoment() async throws {
        try await withTransport { transport in
            let script: [ScriptedServer.Step] = (0..<50).flatMap { _ in [.readRequest, .send(Reply.bytes(200, body: "ok"))] }
            try await ScriptedServer.with([], others: script) { server in
                let request = try HTTPRequest(.get, to: server)
                var answered = 0
                var cancelled = 0
                for round in 0..<40 {
                    await withTaskGroup { group in
                        for _ in 0..<16 {
                            group.addTask {
                                do throws(HTTPTransportError) {
                                    return try await transport.send(request).status == 200 ? "answered" : "odd"
                                } catch {
                                    return error.reason == .cancelled ? "cancelled" : "\(error)"
                                }
                            }
                        }
                        for _ in 0..<round % 17 { answered += await group.next() == "answered" ? 1 : 0 }
                        group.cancelAll()
                        for await outcome in group {
                            #expect(outcome == "answered" || outcome == "cancelled")
                            if outcome == "cancelled" { cancelled += 1 } else { answered += 1 }
                        }
                    }
                }
                #expect(answered > 0 && cancelled > 0)
            }
        }
    }
}
