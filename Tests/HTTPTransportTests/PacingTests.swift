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

    @Test("what others wait for does not wait behind uploads, but for its own kind, and uploads wait for both")
    func lanes() {
        var pacing = SharedPacing(perSecond: 10)
        let now = Duration.seconds(100)
        for _ in 0..<1000 { _ = pacing.use(1, in: .uploads, at: now) }
        let others = (0..<12).map { _ in pacing.use(1, in: .others, at: now) }
        #expect(others.prefix(11).allSatisfy { $0 == .zero })
        #expect(others[11] > .zero && others[11] < .milliseconds(101))
        let last = pacing.use(1, in: .uploads, at: now)
        #expect(last > .milliseconds(100_199) && last < .milliseconds(100_201), "1012 of them, less a second's worth: \(last)")
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
        let transport = PacedTransport(recorder, Pace(bytesPerSecond: ByteCount(1000), requestsPerSecond: 2), lane: .uploads, time: time)
        let url = try #require(SecretURL("http://127.0.0.1/x"))
        for size in [10, 10, 10, 2000, 10] {
            _ = try await transport.send(HTTPRequest(.put, url, body: [UInt8](repeating: 0, count: size)))
        }
        #expect(recorder.sent.withLock { $0.count } == 5)
        // The fourth waits for the requests before it, the fifth for the fourth's bytes: 2030 of them less a second's worth.
        let slept = time.slept.withLock { $0 }.map { ($0 / .milliseconds(1)).rounded() }
        #expect(slept == [500, 1030])
    }

    @Test("while hours of uploads are promised, a post and a delete go at once")
    func uploadsWait() async throws {
        let (recorder, time) = (Recorder(), NotedTime())
        let pace = Pace(bytesPerSecond: ByteCount(1000), requestsPerSecond: 100)
        let uploads = PacedTransport(recorder, pace, lane: .uploads, time: time)
        let others = PacedTransport(recorder, pace, lane: .others, time: time)
        let url = try #require(SecretURL("http://127.0.0.1/x"))
        for _ in 0..<3 { _ = try await uploads.send(HTTPRequest(.put, url, body: [UInt8](repeating: 0, count: 1_000_000))) }
        _ = try await others.send(HTTPRequest(.post, url, body: [UInt8](repeating: 0, count: 900)))
        _ = try await others.send(HTTPRequest(.delete, url))
        _ = try await uploads.send(HTTPRequest(.put, url))
        #expect(time.slept.withLock { $0 } == [.seconds(999), .seconds(1999)], "nobody else has waited")
        _ = try await uploads.send(HTTPRequest(.put, url, body: [0]))
        #expect(time.slept.withLock { $0.last.map { ($0 / .milliseconds(1)).rounded() } } == 2_999_900, "the post's bytes count")
    }

    @Test("a request that is cancelled while it waits was surely not sent")
    func cancelled() async throws {
        let (recorder, time) = (Recorder(), NotedTime())
        let transport = PacedTransport(recorder, Pace(bytesPerSecond: nil, requestsPerSecond: 1), lane: .others, time: time)
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
