package import SpoolPrimitives

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
