import EntraAuth
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct TokenCacheTests {
    private let time = ManualTime()

    private func token(_ text: String, lifetime: Duration, refreshIn: Duration? = nil) -> AccessToken {
        AccessToken(Secret(text), expiresOn: time.wallNow + lifetime, refreshOn: refreshIn.map { time.wallNow + $0 })
    }

    @Test("a token serves until five minutes before its end, and is then replaced")
    func margin() async throws {
        let audience = try TokenAudience.test()
        let provider = ScriptedProvider([.token(token("first", lifetime: .seconds(3600)))])
        let cache = TokenCache(provider, time: time)
        #expect(try await cache.token(for: audience).secret.revealed == "first")
        time.advance(by: .seconds(3300))
        #expect(try await cache.token(for: audience).secret.revealed == "first")
        #expect(await provider.calls == 1)
        await provider.add(.token(token("second", lifetime: .seconds(3600))))
        time.advance(by: .seconds(1))
        #expect(try await cache.token(for: audience).secret.revealed == "second")
        #expect(await provider.calls == 2)
    }

    @Test("each audience has its own token")
    func audiences() async throws {
        let provider = ScriptedProvider([.token(token("a", lifetime: .seconds(3600))), .token(token("b", lifetime: .seconds(3600)))])
        let cache = TokenCache(provider, time: time)
        #expect(try await cache.token(for: .test("https://a")).secret.revealed == "a")
        #expect(try await cache.token(for: .test("https://b")).secret.revealed == "b")
        #expect(try await cache.token(for: .test("https://a")).secret.revealed == "a")
    }

    @Test("many callers make one exchange")
    func singleFlight() async throws {
        let audience = try TokenAudience.test()
        let gate = Signal()
        let provider = ScriptedProvider([.hold(gate), .token(token("one", lifetime: .seconds(3600)))])
        let cache = TokenCache(provider, time: time)
        let texts = try await withThrowingTaskGroup { group in
            for _ in 0..<50 { group.addTask { try await cache.token(for: audience).secret.revealed } }
            await provider.asked.wait()
            gate.raise()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(texts == Array(repeating: "one", count: 50))
        #expect(await provider.calls == 1)
    }

    @Test("a failed exchange is every waiting caller's failure, and nobody's later")
    func failureIsNotKept() async throws {
        let audience = try TokenAudience.test()
        let provider = ScriptedProvider([.failure(.test("down")), .token(token("up", lifetime: .seconds(3600)))])
        let cache = TokenCache(provider, time: time)
        await #expect(throws: AuthError.self) { try await cache.token(for: audience) }
        #expect(try await cache.token(for: audience).secret.revealed == "up")
    }

    @Test("when renewal fails, the old token serves to its end and is not asked for at every call")
    func fallback() async throws {
        let audience = try TokenAudience.test()
        let provider = ScriptedProvider([.token(token("old", lifetime: .seconds(3600)))])
        let cache = TokenCache(provider, time: time)
        _ = try await cache.token(for: audience)
        time.advance(by: .seconds(3400))
        #expect(try await cache.token(for: audience).secret.revealed == "old")
        #expect(await provider.calls == 2)
        #expect(try await cache.token(for: audience).secret.revealed == "old")
        #expect(await provider.calls == 2)
        time.advance(by: .seconds(31))
        #expect(try await cache.token(for: audience).secret.revealed == "old")
        #expect(await provider.calls == 3)
        time.advance(by: .seconds(169))
        await #expect(throws: AuthError.self) { try await cache.token(for: audience) }
    }

    @Test("a token is renewed early when its issuer wants that, and the others go on meanwhile")
    func refreshIn() async throws {
        let audience = try TokenAudience.test()
        let provider = ScriptedProvider([.token(token("old", lifetime: .seconds(7200), refreshIn: .seconds(3600)))])
        let cache = TokenCache(provider, time: time)
        _ = try await cache.token(for: audience)
        time.advance(by: .seconds(3600))
        let gate = Signal()
        await provider.add(.hold(gate))
        await provider.add(.token(token("new", lifetime: .seconds(7200))))
        // The first exchange has raised it.
        await provider.asked.wait()
        try await withThrowingTaskGroup { group in
            group.addTask { try await cache.token(for: audience).secret.revealed }
            await provider.asked.wait()
            let meanwhile = try await cache.token(for: audience)
            #expect(meanwhile.secret.revealed == "old")
            gate.raise()
            let renewed = try await group.next()
            #expect(renewed == "new")
        }
        #expect(try await cache.token(for: audience).secret.revealed == "new")
    }

    @Test("a caller whose exchange is cancelled leaves it to the next")
    func cancelledLeader() async throws {
        let audience = try TokenAudience.test()
        let gate = Signal()
        let provider = ScriptedProvider([.hold(gate)])
        let cache = TokenCache(provider, time: time)
        await withTaskGroup { group in
            group.addTask {
                do throws(AuthError) {
                    _ = try await cache.token(for: audience)
                    return "token"
                } catch {
                    return error.isCancellation ? "cancelled" : "failed"
                }
            }
            await provider.asked.wait()
            group.cancelAll()
            #expect(await group.next() == "cancelled")
        }
        await provider.add(.token(token("next", lifetime: .seconds(3600))))
        #expect(try await cache.token(for: audience).secret.revealed == "next")
    }

    @Test("a caller that waits for an exchange which is cancelled makes its own")
    func waiterBehindCancelledLeader() async throws {
        let audience = try TokenAudience.test()
        let provider = ScriptedProvider([.hold(Signal()), .token(token("own", lifetime: .seconds(3600)))])
        let cache = TokenCache(provider, time: time)
        let leader = Task { try await cache.token(for: audience) }
        await provider.asked.wait()
        let waiter = Task { try await cache.token(for: audience) }
        leader.cancel()
        #expect(try await waiter.value.secret.revealed == "own")
        await #expect(throws: AuthError.self) { try await leader.value }
        #expect(await provider.calls == 2)
    }

    @Test("a refused token is forgotten, one that has replaced it is not")
    func invalidation() async throws {
        let audience = try TokenAudience.test()
        let provider = ScriptedProvider([
            .token(token("a", lifetime: .seconds(3600))), .token(token("b", lifetime: .seconds(3600))),
            .token(token("c", lifetime: .seconds(3600))),
        ])
        let cache = TokenCache(provider, time: time)
        let first = try await cache.token(for: audience)
        await cache.invalidate(first)
        #expect(try await cache.token(for: audience).secret.revealed == "b")
        await cache.invalidate(first)
        #expect(try await cache.token(for: audience).secret.revealed == "b")
        await cache.invalidate()
        #expect(try await cache.token(for: audience).secret.revealed == "c")
    }

    @Test("a token that never expires is no overflow")
    func staticToken() async throws {
        let cache = TokenCache(StaticTokenProvider(Secret("static")), time: time)
        let token = try await cache.token(for: .test())
        #expect(token.bearer.revealed == "Bearer static")
        #expect(!"\(token)".contains("static"))
    }
}
