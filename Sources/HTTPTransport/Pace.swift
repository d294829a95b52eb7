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
    func wait(bytes: Int, in lane: PacingLane, at now: Duration) -> Duration {
        state.withLock { state in
            let forRequests = state.requests?.use(1, in: lane, at: now) ?? .zero
            // Without bytes there is nothing to wait for, whoever has used how many.
            let forBytes = bytes == 0 ? .zero : state.bytes?.use(Double(bytes), in: lane, at: now) ?? .zero
            return max(forRequests, forBytes)
        }
    }
}
