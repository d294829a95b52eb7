import AzureStorage
import HTTPTransport
import IngestionEngine
import KustoIngest
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// Who waits before a storage account that has enough to do.
@Suite(.timeLimit(.minutes(10))) struct AccountGatesTests {
    private static let account = SecretURL("https://one.blob.core.windows.net/c").map(StorageAccountKey.init)
    private static let other = SecretURL("https://two.blob.core.windows.net/c").map(StorageAccountKey.init)

    @Test("no more are on their way than the window has room for, all get through in the end, and another account does not wait for them")
    func bounded() async throws {
        let (account, other) = (try #require(Self.account), try #require(Self.other))
        let gates = AccountGates(time: ManualTime())
        let inside = Lock((now: 0, most: 0))
        let doors = (0..<20).map { _ in Signal() }
        let through = try await withThrowingTaskGroup(of: Void.self, returning: Int.self) { group in
            for door in doors {
                group.addTask {
                    try await gates.withPermit(account) {
                        inside.withLock {
                            $0.now += 1
                            $0.most = max($0.most, $0.now)
                        }
                        await door.wait()
                        inside.withLock { $0.now -= 1 }
                    }
                }
            }
            await until { inside.withLock { $0.now } == Int(AccountWindow.initial) }
            try await gates.withPermit(other) {}
            for door in doors { door.raise() }
            var count = 0
            for try await _ in group { count += 1 }
            return count
        }
        #expect(through == 20)
        #expect(inside.withLock { $0.most } == Int(AccountWindow.initial))
    }

    /// Storage whose answers are said to have taken so long.
    private final class TimedStorage: HTTPTransport {
        let timing: HTTPTiming

        init(total: Duration, reusedConnection: Bool) {
            var timing = HTTPTiming()
            timing.total = total
            timing.reusedConnection = reusedConnection
            self.timing = timing
        }

        func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse { HTTPResponse(status: 201, timing: timing) }
    }

    @Test("an answer's time counts where it went over a connection that was there", arguments: [true, false])
    func handshakes(reusesConnection: Bool) async throws {
        let account = try #require(Self.account)
        let queue = try #require(SecretURL("https://one.queue.core.windows.net/q"))
        let gates = AccountGates(time: ManualTime())
        try await gates.withPermit(account) {}
        func answer(after total: Duration, reusedConnection: Bool) async throws {
            let storage = QueueClient(TimedStorage(total: total, reusedConnection: reusedConnection))
            gates.answered(.post, by: account, try await storage.putMessage(queue: queue, text: "m"))
        }
        try await answer(after: .milliseconds(10), reusedConnection: true)
        for _ in 0..<20 { try await answer(after: .milliseconds(500), reusedConnection: reusesConnection) }
        let limit = try #require(gates.limits[account.name])
        #expect(limit == (reusesConnection ? Int(AccountWindow.initial) / 2 : Int(AccountWindow.initial)))
    }

    @Test("an account that the service lends no more is forgotten, once nothing is on its way to it")
    func forgotten() async throws {
        let (account, other) = (try #require(Self.account), try #require(Self.other))
        let gates = AccountGates(time: ManualTime())
        try await gates.withPermit(other) {}
        try await gates.withPermit(account) {
            gates.forget(allBut: [])
            #expect(Set(gates.limits.keys) == [account.name])
        }
        gates.forget(allBut: [account])
        #expect(Set(gates.limits.keys) == [account.name])
        gates.forget(allBut: [other])
        #expect(gates.limits.isEmpty)
    }

    @Test("whoever is cancelled while it waits goes away, and its place with it")
    func cancelled() async throws {
        let account = try #require(Self.account)
        let gates = AccountGates(time: ManualTime())
        let doors = (0..<Int(AccountWindow.initial)).map { _ in Signal() }
        let entered = Lock(0)
        await withTaskGroup(of: Bool.self) { group in
            for door in doors {
                group.addTask {
                    do {
                        try await gates.withPermit(account) {
                            entered.withLock { $0 += 1 }
                            await door.wait()
                        }
                        return true
                    } catch { return false }
                }
            }
            await until { entered.withLock { $0 } == Int(AccountWindow.initial) }
            let waited = await withTaskGroup(of: Bool.self, returning: [Bool].self) { waiters in
                for _ in 0..<3 {
                    waiters.addTask {
                        do {
                            try await gates.withPermit(account) {}
                            return true
                        } catch { return error is CancellationError }
                    }
                }
                waiters.cancelAll()
                var results: [Bool] = []
                for await result in waiters { results.append(result) }
                return results
            }
            #expect(waited == [true, true, true])
            group.cancelAll()
        }
        // Room again for as many as before.
        try await gates.withPermit(account) {}
    }
}
