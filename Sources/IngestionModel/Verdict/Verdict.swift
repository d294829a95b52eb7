/// What became of a source, and so of its file (protocol.md §2).
package enum Verdict: Int, Sendable, Hashable, CaseIterable {
    /// The service reported success.
    case succeeded = 1
    /// The service reported a failure that we may not try again.
    case failed = 2
    /// No failure was reported by the deadline, on a route that reports failures only.
    case presumed = 3
    /// Refused here, before the service saw it.
    case skipped = 4
    /// No notification came by the deadline. Not final: a late one, or the operator, ends it.
    case unconfirmed = 5

    /// Whether the file may leave `.active`.
    package var isFinal: Bool { self != .unconfirmed }

    /// Whether this verdict replaces `other` when it comes later: succeeded > failed > presumed > unconfirmed, whatever the order of
    /// arrival. A skipped source was never posted; no notification can be about it.
    package func outranks(_ other: Verdict) -> Bool { rank > other.rank }

    private var rank: Int {
        switch self {
        case .succeeded: 4
        case .failed: 3
        case .skipped: 3
        case .presumed: 2
        case .unconfirmed: 1
        }
    }
}

extension Verdict: CustomStringConvertible {
    package var description: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .presumed: "presumed"
        case .skipped: "skipped"
        case .unconfirmed: "unconfirmed"
        }
    }
}
