import IngestionModel
import SpoolPrimitives

/// What a row waits for: the first column of the one index that the engine's queries use.
package enum Work: Int64, Sendable, CaseIterable {
    /// Claimed; due: when it was claimed.
    case fresh = 1
    /// Deferred; due: its next attempt.
    case deferred = 2
    /// Ambiguous; due: its repost.
    case ambiguous = 3
    /// Posting; only a start finds such a row with nobody working on it.
    case posting = 4
    /// Queued; due: the verdict's deadline.
    case awaitingVerdict = 5
    /// Held; due: the next look at it.
    case held = 6
    /// Settled, and the file is not yet where its verdict wants it.
    case disposal = 7
    /// Unconfirmed, or vanished: waits for a late notification or the operator.
    case resting = 8
    /// Nothing left to do; due: when the row is forgotten.
    case remembered = 9
}

extension Work {
    /// The work and its due time, derived from state and location alone, so that they cannot disagree.
    ///
    /// - Parameters:
    ///   - now: when the state was entered.
    ///   - deadline: of the verdict, or the next look at a held row.
    static func of(
        _ state: SourceState, at location: FileLocation, deletesOnSuccess: Bool, now: Timestamp, deadline: Timestamp?
    ) -> (work: Work, due: Timestamp) {
        switch state {
        case .claimed: return (.fresh, now)
        case .deferred(let until, _): return (.deferred, until)
        case .ambiguous(let repostAt): return (.ambiguous, repostAt)
        case .posting: return (.posting, now)
        case .queued: return (.awaitingVerdict, deadline ?? now)
        case .held(.vanished, _): return (.resting, now)
        // Its route's business: no look at the file would tell anything.
        case .held(.route, _): return (.held, Timestamp(microseconds: .max))
        case .held where location == .vanished: return (.resting, now)
        case .held: return (.held, deadline ?? now)
        case .superseded: return (.remembered, now + Ledger.remembrance)
        case .settled(let verdict):
            if FileDestination.needed(for: verdict, at: location, deletesOnSuccess: deletesOnSuccess) != nil { return (.disposal, now) }
            return verdict.isFinal ? (.remembered, now + Ledger.remembrance) : (.resting, now)
        }
    }
}
