package import SpoolPrimitives

/// What an operator allows the transports of one daemon, all together: `limits.requests_per_second` and `limits.bytes_per_second`.
package final class Pace: Sendable {
    private struct State {
        var requests: SharedPacing?
        var bytes: SharedPacing?
    }

    private let state: Lock<State>

    /// - Parameters:
    ///   - bytesPerSecond: of request bodies; nil for no bound.
    ///   - requestsPerSecond: nil for no bound.
    package init(bytesPerSecond: ByteCount?, requestsPerSecond: Int?) {
        state = Lock(
            State(
                requests: requestsPerSecond.map { SharedPacing(perSecond: Double($0)) },
                bytes: bytesPerSecond.map { SharedPacing(perSecond: Double($0.bytes)) }))
    }

    /// How long a request has to wait before it is begun; it counts from now on.
    fileprivate func wait(bytes: Int, in lane: PacingLane, at now: Duration) -> Duration {
        state.withLock { state in
            let forRequests = state.requests?.use(1, in: lane, at: now) ?? .zero
            // Without bytes there is nothing to wait for, whoever has used how many.
            let forBytes = bytes == 0 ? .zero : state.bytes?.use(Double(bytes), in: lane, at: now) ?? .zero
            return max(forRequests, forBytes)
        }
    }
}

/// Another transport's requests, no faster than a pace allows.
///
/// A request waits before it is begun, so that its own limits of time do not run meanwhile.
package final class PacedTransport: HTTPTransport {
    private let base: any HTTPTransport
    private let pace: Pace
    private let lane: PacingLane
    private let time: any TimeSource

    package init(_ base: any HTTPTransport, _ pace: Pace, lane: PacingLane, time: any TimeSource) {
        self.base = base
        self.pace = pace
        self.lane = lane
        self.time = time
    }

    package func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let wait = pace.wait(bytes: request.body.count, in: lane, at: time.monotonicNow)
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
