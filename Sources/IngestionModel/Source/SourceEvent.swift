package import SpoolPrimitives

/// What can happen to a source. The daemon's parts observe; ``SourceProgress`` decides what it means.
package enum SourceEvent: Sendable, Hashable {
    // MARK: from the upload scheduler

    /// The blob stands and the message is about to be posted: protocol.md §3.4, committed before Put Message.
    case posting
    /// Put Message answered 201.
    case postAccepted
    /// The message surely was not taken.
    case postRefused(retryAt: Timestamp)
    /// The message was perhaps taken.
    case postInDoubt(repostAt: Timestamp)
    /// Nothing was posted; the attempt ended before.
    case deferred(until: Timestamp)
    case held(HoldReason)
    case released(at: Timestamp)
    case skipped(SkipReason)
    /// Some of the files that it was coalesced from go on alone: before anything of it is posted, or with its verdict. Who says so knows which; what is meant
    /// for the one must not be done to the other.
    case separated(isDecided: Bool)

    // MARK: from the start

    /// The daemon ended while the message was on its way.
    case interrupted(repostAt: Timestamp)
    /// The source was taken over from another ledger, whose posts are unknown (`--adopt`).
    case adopted(repostAt: Timestamp)

    // MARK: from the notification poller

    case notifiedSuccess
    case notifiedFailure(FailureReport)
    /// No notification came, and the engine remembers that it failed to ingest the blob.
    case foundFailure(FailureReport)
    /// The verdict's deadline passed, and a complete drain that began after it found nothing.
    case deadlinePassed(reportsSuccesses: Bool)
    /// The source that this one supersedes turned out to have succeeded.
    case predecessorSucceeded

    // MARK: from the operator

    case operatorRetry
    case operatorSettled(Verdict)
}

/// What else a transition asks for, in the transaction that stores it.
package enum SourceEffect: Sendable, Hashable {
    /// Write this event to the journal.
    case record(JournalEvent.Kind)
    /// Mint a source that takes the file over, in this state.
    case supersede(successor: SourceState)
    /// Send each of its files again alone, as a source of its own: the service refuses the data of one of them.
    case split
    /// Give the files that leave rows of their own.
    case separate
    /// Tell the successor that its predecessor succeeded.
    case informSuccessor
    /// The service will try again by itself: the verdict's deadline starts anew.
    case extendDeadline
}

/// An event that the state does not allow: our bug, or a notification about something never posted.
package struct IllegalTransition: Error, Sendable, Hashable, CustomStringConvertible {
    package let state: SourceState
    package let event: SourceEvent

    package init(state: SourceState, event: SourceEvent) {
        self.state = state
        self.event = event
    }

    package var description: String { "a source that is \(state) does not allow the event \(event)" }
}
