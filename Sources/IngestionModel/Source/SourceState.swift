package import SpoolPrimitives

/// The states of a source (protocol.md §2).
///
///     claimed → posting → queued → settled(verdict)         deferred(until, stage) and held(reason, stage) return to their stage
///                   └→ ambiguous ─ wait or repost ─┘        superseded(by)
package enum SourceState: Sendable, Hashable {
    /// In `.active`, committed, not uploaded, or uploaded and not yet posted.
    case claimed
    /// The message may be on its way: committed before Put Message, so that a crash cannot hide a post.
    case posting
    /// The queue took the message.
    case queued
    /// Perhaps posted. A repost waits until `repostAt`, and for a full drain of the notification queues after it.
    case ambiguous(repostAt: Timestamp)
    /// Tried, to be tried again.
    case deferred(until: Timestamp, stage: Stage)
    /// Waits for an operator, or for the route.
    case held(HoldReason, stage: Stage)
    case settled(Verdict)
    /// The row `by` has taken the file over.
    case superseded(by: Int64)

    /// Whether the source itself has nothing left to do: it has its verdict, or another one has taken its file over.
    package var isDecided: Bool {
        switch self {
        case .settled, .superseded: true
        case .claimed, .posting, .queued, .ambiguous, .deferred, .held: false
        }
    }

    /// What a deferred or held source goes back to.
    package enum Stage: Int, Sendable, Hashable, CaseIterable {
        case upload = 0
        /// The blob stands, and is posted again unless it has grown too old (protocol.md §3).
        case post = 1
    }
}

extension SourceState: CustomStringConvertible {
    /// The state's name, as `status` and the documentation use it.
    package var description: String {
        switch self {
        case .claimed: "claimed"
        case .posting: "posting"
        case .queued: "queued"
        case .ambiguous: "ambiguous"
        case .deferred: "deferred"
        case .held: "held"
        case .settled(let verdict): "\(verdict)"
        case .superseded: "superseded"
        }
    }
}
