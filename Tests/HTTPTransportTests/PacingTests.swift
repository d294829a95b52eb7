import HTTPTransport
import SpoolPrimitives
import Testing

/// No faster than an operator allows.
@Suite struct PacingTests {
    @Test("after a pause a second's worth goes at once, and then each waits for the ones before it")
    func paces() {
        var pacing = Pacing(perSecond: 10)
        let now = Duration.seconds(100)
        let waits = (0..<30).map { _ in pacing.use(1, at: now) }
        #expect(waits.prefix(11).allSatisfy { $0 == .zero })
        #expect(waits[11] > .milliseconds(99) && waits[11] < .milliseconds(101))
        #expect(waits[29] > .milliseconds(1899) && waits[29] < .milliseconds(1901))
        #expect(pacing.use(1, at: .seconds(200)) == .zero)
    }

    @Test("what is more than a second's worth goes, and those behind it wait for all of it")
    func large() {
        var pacing = Pacing(perSecond: 1000)
        #expect(pacing.use(5000, at: .seconds(10)) == .zero)
        #expect(pacing.use(1, at: .seconds(10)) == .seconds(4))
    }

    /// What a transport was asked, and when.
    private final class Recorder: HTTPTransport {
        let sent = Lock<[HTTPRequest]>([])

        func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
            sent.withLock { $0.append(request) }
            return HTTPResponse(status: 200)
        }
    }

    /// A clock that only notes how long somebody would have slept.
    private final class NotedTime: TimeSource {
        let slept = Lock<[Duration]>([])
        var wallNow: Timestamp { Timestamp(seconds: 1_800_000_000) }
        var monotonicNow: Duration { .seconds(50) }

        func sleep(for duration: Duration) async throws(CancellationError) {
            slept.withLock { $0.append(duration) }
            if Task.isCancelled { throw CancellationError() }
        }
    }

    @Test("requests and bytes are counted together, and the longer wait counts")
    func both() async throws {
        let (recorder, time) = (Recorder(), NotedTime())
        let transport = PacedTransport(recorder, bytesPerSecond: ByteCount(1000), requestsPerSecond: 2, time: time)
        let url = try #require(SecretURL("http://127.0.0.1/x"))
        for size in [10, 10, 10, 2000, 10] {
            _ = try await transport.send(HTTPRequest(.put, url, body: [UInt8](repeating: 0, count: size)))
        }
        #expect(recorder.sent.withLock { $0.count } == 5)
        // The fourth waits for the requests before it, the fifth for the fourth's bytes: 2030 of them less a second's worth.
        let slept = time.slept.withLock { $0 }.map { ($0 / .milliseconds(1)).rounded() }
        #expect(slept == [500, 1030])
    }

    @Test("a request that is cancelled while it waits was surely not sent")
    func cancelled() async throws {
        let (recorder, time) = (Recorder(), NotedTime())
        let transport = PacedTransport(recorder, bytesPerSecond: nil, requestsPerSecond: 1, time: time)
        let url = try #require(SecretURL("http://127.0.0.1/x"))
        for _ in 0..<2 { _ = try await transport.send(HTTPRequest(.get, url)) }
        let outcome = await withTaskGroup(of: HTTPTransportError?.self) { group in
            group.addTask {
                do throws(HTTPTransportError) {
                    _ = try await transport.send(HTTPRequest(.get, url))
                    return nil
                } catch { return error }
            }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(outcome?.reason == .cancelled && outcome?.processing == .surelyNot)
        #expect(recorder.sent.withLock { $0.count } == 2)
    }
}
