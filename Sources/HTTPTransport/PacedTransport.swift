package import SpoolPrimitives

/// Another transport's requests, no faster than an operator allows: `limits.requests_per_second` and `limits.bytes_per_second`.
///
/// A request waits before it is begun, so that its own limits of time do not run meanwhile.
package final class PacedTransport: HTTPTransport {
    private struct State {
        var requests: Pacing?
        var bytes: Pacing?
    }

    private let base: any HTTPTransport
    private let time: any TimeSource
    private let state: Lock<State>

    /// - Parameters:
    ///   - bytesPerSecond: of request bodies; nil for no bound.
    ///   - requestsPerSecond: nil for no bound.
    package init(_ base: any HTTPTransport, bytesPerSecond: ByteCount?, requestsPerSecond: Int?, time: any TimeSource) {
        self.base = base
        self.time = time
        state = Lock(
            State(
                requests: requestsPerSecond.map { Pacing(perSecond: Double($0)) },
                bytes: bytesPerSecond.map { Pacing(perSecond: Double($0.bytes)) }))
    }

    package func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let now = time.monotonicNow
        let wait = state.withLock { state in
            max(state.requests?.use(1, at: now) ?? .zero, state.bytes?.use(Double(request.body.count), at: now) ?? .zero)
        }
        if wait > .zero {
            do throws(CancellationError) {
                try await time.sleep(for: wait)
            } catch {
                throw HTTPTransportError(
                    reason: .cancelled, processing: .surelyNot, operation: "\(request.method.rawValue) \(request.url.withoutQuery)",
                    detail: "cancelled before it was begun")
            }
        }
        return try await base.send(request)
    }
}
