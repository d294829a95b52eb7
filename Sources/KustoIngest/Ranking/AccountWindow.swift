/// How many requests may be on their way to one storage account: a value that only counts, told what came of each.
///
///     at first               16, and one more for each success: twice as many each round trip
///     above the threshold    one more each round trip
///     503, 429               half, which is the threshold from then on; once a round trip, for what was on its way then says the same
///     waiting                no more, where the smoothed round trip is more than twice the least one and 10 ms above it
///     slower                 half as well, where the smoothed round trip is more than twice the least one and 50 ms above it: requests wait in a queue
///                            somewhere, and more of them would only wait longer
///
/// Round trips are compared with those of the same kind only: storage may take longer for a blob than for a message at any time. It grows only while it
/// is used to the full: what nobody needed was never tried. The least round trip is forgotten after a minute, since an account moves.
/// Source: TCP's slow start and congestion avoidance (RFC 5681), and Vegas for the delay.
package struct AccountWindow: Sendable, Hashable {
    /// What was asked of the account.
    package enum Request: Sendable, Hashable {
        case upload
        case post
    }

    package static let initial = 16.0
    package static let largest = 1024.0
    package static let least = 1.0
    private static let tolerance: Duration = .milliseconds(50)
    private static let patience: Duration = .milliseconds(10)

    private var size = initial
    private var threshold = largest
    private var inFlight = 0
    private var uploads = RoundTrips()
    private var posts = RoundTrips()
    /// No second halving before this instant.
    private var calmUntil: Duration = .zero

    package init() {}

    /// How many may be on their way.
    package var limit: Int { Int(size) }
    package var count: Int { inFlight }
    package var hasRoom: Bool { inFlight < limit }

    package mutating func began() { inFlight += 1 }

    /// Whatever it came to.
    package mutating func ended() { inFlight -= 1 }

    /// A request was answered as it should be, and has not ended yet.
    ///
    /// - Parameters:
    ///   - elapsed: from its sending to its answer; nil where that says more of the request's size, or of a connection that had to be opened, than of the
    ///     account's state.
    ///   - now: of the monotonic clock.
    package mutating func succeeded(_ request: Request, after elapsed: Duration?, at now: Duration) {
        let queueing: Duration
        switch request {
        case .upload:
            if let elapsed { uploads.note(elapsed, at: now) }
            queueing = uploads.queueing
        case .post:
            if let elapsed { posts.note(elapsed, at: now) }
            queueing = posts.queueing
        }
        // What tells nothing itself does not widen a window that the others found wide enough.
        if elapsed != nil, queueing > Self.tolerance { shrink(at: now) }
        if queueing > Self.patience { return }
        guard inFlight >= limit else { return }
        size = min(size < threshold ? size + 1 : size + 1 / size, Self.largest)
    }

    /// The account has too much to do, and says so.
    package mutating func throttled(at now: Duration) { shrink(at: now) }

    private mutating func shrink(at now: Duration) {
        guard now >= calmUntil else { return }
        threshold = max(size / 2, Self.least)
        size = threshold
        calmUntil = now + max(uploads.smoothed ?? .zero, posts.smoothed ?? .zero, .milliseconds(100))
    }
}

/// How long the answers to one kind of request take.
private struct RoundTrips: Sendable, Hashable {
    private static let memory: Duration = .seconds(60)

    private(set) var smoothed: Duration?
    private var fastest: Duration?
    private var fastestSince: Duration = .zero

    /// How long requests wait in a queue somewhere; nothing where the smoothed round trip is no more than twice the least one.
    var queueing: Duration {
        guard let smoothed, let fastest, smoothed > fastest * 2 else { return .zero }
        return smoothed - fastest
    }

    mutating func note(_ elapsed: Duration, at now: Duration) {
        smoothed = smoothed.map { $0 + (elapsed - $0) / 8 } ?? elapsed
        if fastest.map({ elapsed < $0 }) ?? true || now - fastestSince > Self.memory {
            fastest = elapsed
            fastestSince = now
        }
    }
}
