import SpoolPrimitives

/// A source's state and what of its past matters for its future. A value without I/O: the ledger stores only what it allows.
///
/// `apply` is the one place that knows the rules of protocol.md §2, §4 and §5. It is total over states and events: what is not
/// allowed throws and changes nothing.
package struct SourceProgress: Sendable, Hashable {
    package private(set) var state: SourceState
    /// How often `posting` was committed. From the first on, a notification about the source is believed in every state.
    package private(set) var posts: Int
    /// Of these, the ones whose fate is unknown. A message that surely was not taken does not count.
    package private(set) var postsInDoubt: Int
    /// Attempts in a row that ended in a deferral; the retry policy's input.
    package private(set) var deferrals: Int
    /// Whether it carries files that were coalesced: what the data of one of them is blamed for must not condemn the others.
    package let isCoalesced: Bool

    package init(state: SourceState = .claimed, posts: Int = 0, postsInDoubt: Int = 0, deferrals: Int = 0, isCoalesced: Bool = false) {
        self.isCoalesced = isCoalesced
        self.state = state
        self.posts = posts
        self.postsInDoubt = postsInDoubt
        self.deferrals = deferrals
    }

    /// How many messages of this source the service may have at the most.
    package var possibleCopies: Int {
        switch state {
        case .posting, .queued: postsInDoubt + 1
        case .claimed, .ambiguous, .deferred, .held, .settled, .superseded: postsInDoubt
        }
    }

    /// Applies an event.
    ///
    /// - Returns: what the same transaction must do besides.
    /// - Throws: when the state does not allow the event; the value is then unchanged.
    package mutating func apply(_ event: SourceEvent) throws(IllegalTransition) -> [SourceEffect] {
        switch event {
        case .posting: try beginPost()
        case .postAccepted: try postAccepted()
        case .postRefused(let retryAt): try postRefused(retryAt: retryAt)
        case .postInDoubt(let repostAt), .interrupted(let repostAt): try postInDoubt(repostAt: repostAt, event)
        case .deferred(let until): try deferAttempt(until: until, event)
        case .held(let reason): try hold(reason, event)
        case .released(let instant): try release(at: instant, event)
        case .skipped(let reason): try skip(reason, event)
        case .separated(let isDecided): try separate(isDecided: isDecided)
        case .adopted(let repostAt): try adopt(repostAt: repostAt, event)
        case .notifiedSuccess: try notifiedSuccess()
        case .notifiedFailure(let report): try notifiedFailure(report)
        case .foundFailure(let report): try foundFailure(report)
        case .deadlinePassed(let reportsSuccesses): try deadlinePassed(reportsSuccesses: reportsSuccesses, event)
        case .predecessorSucceeded: predecessorSucceeded()
        case .operatorRetry: try operatorRetry(event)
        case .operatorSettled(let verdict): try operatorSettled(verdict, event)
        }
    }
}

// MARK: - The way to the queue

extension SourceProgress {
    private mutating func beginPost() throws(IllegalTransition) -> [SourceEffect] {
        switch state {
        case .claimed, .deferred, .ambiguous:
            let isRepeat = postsInDoubt > 0
            state = .posting
            posts += 1
            // P4: every repeat that we cause is announced before it can happen.
            return isRepeat ? [.record(.reposted)] : []
        case .posting, .queued, .held, .settled, .superseded:
            throw IllegalTransition(state: state, event: .posting)
        }
    }

    private mutating func postAccepted() throws(IllegalTransition) -> [SourceEffect] {
        switch state {
        case .posting:
            state = .queued
            deferrals = 0
            return [.record(.queued)]
        case .settled, .superseded:
            // §5: a late reply to Put Message on a settled source changes nothing.
            return []
        case .claimed, .queued, .ambiguous, .deferred, .held:
            throw IllegalTransition(state: state, event: .postAccepted)
        }
    }

    private mutating func postRefused(retryAt: Timestamp) throws(IllegalTransition) -> [SourceEffect] {
        switch state {
        case .posting:
            deferrals += 1
            // An earlier post may have arrived: this refusal says nothing about it.
            state = postsInDoubt > 0 ? .ambiguous(repostAt: retryAt) : .deferred(until: retryAt, stage: .post)
            return deferrals == 1 ? [.record(.deferred)] : []
        case .settled, .superseded:
            return []
        case .claimed, .queued, .ambiguous, .deferred, .held:
            throw IllegalTransition(state: state, event: .postRefused(retryAt: retryAt))
        }
    }

    private mutating func postInDoubt(repostAt: Timestamp, _ event: SourceEvent) throws(IllegalTransition) -> [SourceEffect] {
        switch state {
        case .posting:
            state = .ambiguous(repostAt: repostAt)
            postsInDoubt += 1
            return [.record(.ambiguous)]
        case .settled, .superseded:
            return []
        case .claimed, .queued, .ambiguous, .deferred, .held:
            throw IllegalTransition(state: state, event: event)
        }
    }

    private mutating func deferAttempt(until: Timestamp, _ event: SourceEvent) throws(IllegalTransition) -> [SourceEffect] {
        switch state {
        case .claimed, .deferred:
            deferrals += 1
            state = .deferred(until: until, stage: .upload)
            // One line tells that a file has trouble; the retries of the following days would only bury others.
            return deferrals == 1 ? [.record(.deferred)] : []
        case .ambiguous:
            // The repost could not even begin; the wait goes on.
            deferrals += 1
            state = .ambiguous(repostAt: until)
            return []
        case .settled, .superseded:
            // A verdict arrived while a repost was being prepared.
            return []
        case .posting, .queued, .held:
            throw IllegalTransition(state: state, event: event)
        }
    }

    private mutating func hold(_ reason: HoldReason, _ event: SourceEvent) throws(IllegalTransition) -> [SourceEffect] {
        switch state {
        case .claimed:
            state = .held(reason, stage: .upload)
        case .deferred(_, let stage):
            state = .held(reason, stage: stage)
        case .ambiguous:
            // The repost cannot be made; a notification about the message of before still counts.
            state = .held(reason, stage: .post)
        case .settled, .superseded:
            return []
        case .posting, .queued, .held:
            throw IllegalTransition(state: state, event: event)
        }
        return [.record(reason == .vanished ? .vanished : .held)]
    }

    private mutating func release(at instant: Timestamp, _ event: SourceEvent) throws(IllegalTransition) -> [SourceEffect] {
        guard case .held(_, let stage) = state else { throw IllegalTransition(state: state, event: event) }
        // A message may be out: whatever is posted next is a repost, and waits as one.
        state = postsInDoubt > 0 ? .ambiguous(repostAt: instant) : .deferred(until: instant, stage: stage)
        return [.record(.released)]
    }

    private mutating func skip(_ reason: SkipReason, _ event: SourceEvent) throws(IllegalTransition) -> [SourceEffect] {
        switch state {
        case .claimed, .deferred, .held:
            guard postsInDoubt == 0 else { throw IllegalTransition(state: state, event: event) }
            state = .settled(.skipped)
            return [.record(.skipped)]
        case .posting, .queued, .ambiguous, .settled, .superseded:
            throw IllegalTransition(state: state, event: event)
        }
    }

    /// A file may leave its whole only while nobody can have the whole's message, or when the whole is decided: in between, what the message says is
    /// what was sent.
    private func separate(isDecided: Bool) throws(IllegalTransition) -> [SourceEffect] {
        switch state {
        case .claimed, .deferred, .held:
            if isCoalesced, !isDecided, possibleCopies == 0 { return [.separate] }
        case .settled(let verdict):
            if isCoalesced, isDecided, verdict.isFinal { return [.separate] }
        case .posting, .queued, .ambiguous, .superseded: break
        }
        throw IllegalTransition(state: state, event: .separated(isDecided: isDecided))
    }

    private mutating func adopt(repostAt: Timestamp, _ event: SourceEvent) throws(IllegalTransition) -> [SourceEffect] {
        guard case .claimed = state, posts == 0 else { throw IllegalTransition(state: state, event: event) }
        state = .ambiguous(repostAt: repostAt)
        posts = 1
        postsInDoubt = 1
        return [.record(.ambiguous)]
    }
}

// MARK: - Verdicts

extension SourceProgress {
    private mutating func notifiedSuccess() throws(IllegalTransition) -> [SourceEffect] {
        switch state {
        case .posting, .queued, .ambiguous:
            return settle(.succeeded)
        case .claimed, .deferred, .held:
            // §5: legal from the first posting on. Before it, somebody else wrote this notification.
            guard posts > 0 else { throw IllegalTransition(state: state, event: .notifiedSuccess) }
            return settle(.succeeded)
        case .settled(let verdict):
            guard verdict != .skipped else { throw IllegalTransition(state: state, event: .notifiedSuccess) }
            return Verdict.succeeded.outranks(verdict) ? correct(to: .succeeded) : []
        case .superseded:
            return [.informSuccessor]
        }
    }

    private mutating func notifiedFailure(_ report: FailureReport) throws(IllegalTransition) -> [SourceEffect] {
        let event = SourceEvent.notifiedFailure(report)
        switch state {
        case .posting, .queued, .ambiguous:
            break
        case .claimed, .deferred, .held:
            guard posts > 0 else { throw IllegalTransition(state: state, event: event) }
        case .settled(let verdict):
            guard verdict != .skipped else { throw IllegalTransition(state: state, event: event) }
            return failureOfSettled(report, verdict)
        case .superseded:
            // Its successor is on the way, or has its own verdict.
            return []
        }
        switch FailureMeaning(of: report, possibleCopies: possibleCopies) {
        case .noted:
            return [.extendDeadline, .record(.noted)]
        case .final:
            return condemn(report)
        case .retry:
            // §4: a new SourceID supersedes this one. Its row number is the ledger's to give: `superseded` is set with it.
            return [.supersede(successor: .claimed), .record(.superseded)]
        case .configuration:
            return [.supersede(successor: .held(.route, stage: .upload)), .record(.superseded)]
        }
    }

    /// What was looked up is a verdict and nothing else: whoever looked knows nothing of what the service went on to do, so that neither a successor
    /// nor a contradiction comes of it.
    private mutating func foundFailure(_ report: FailureReport) throws(IllegalTransition) -> [SourceEffect] {
        if case .noted = FailureMeaning(of: report, possibleCopies: possibleCopies) { return [] }
        switch state {
        case .posting, .queued, .ambiguous:
            return condemn(report)
        case .claimed, .deferred, .held:
            guard posts > 0 else { throw IllegalTransition(state: state, event: .foundFailure(report)) }
            return condemn(report)
        case .settled(let verdict):
            return failureOfSettled(report, verdict, contradicts: false)
        case .superseded:
            return []
        }
    }

    /// A failure that comes after the verdict. The file may have left `.active` already, so a retry would be the operator's decision.
    /// An unconfirmed one has not, and of a whole whose data is at fault each goes again alone, as it would have before the deadline.
    private mutating func failureOfSettled(_ report: FailureReport, _ verdict: Verdict, contradicts: Bool = true) -> [SourceEffect] {
        let meaning = FailureMeaning(of: report, possibleCopies: possibleCopies)
        if meaning == .noted { return [] }
        if verdict == .unconfirmed, meaning == .final, isCoalesced, FailureRule.blamesRecords(report.errorCode) { return condemn(report) }
        if Verdict.failed.outranks(verdict) { return correct(to: .failed) }
        return contradicts && verdict == .succeeded ? [.record(.contradicted)] : []
    }

    private mutating func deadlinePassed(reportsSuccesses: Bool, _ event: SourceEvent) throws(IllegalTransition) -> [SourceEffect] {
        switch state {
        case .queued:
            return settle(reportsSuccesses ? .unconfirmed : .presumed)
        case .ambiguous:
            // Silence about a message that may not exist presumes nothing.
            return settle(.unconfirmed)
        case .settled, .superseded:
            return []
        case .claimed, .posting, .deferred, .held:
            throw IllegalTransition(state: state, event: event)
        }
    }

    /// The rows of the file are in, by the message of a source that this one superseded. Whatever becomes of our own message, the file has
    /// succeeded; if there may be one, its rows may be in twice.
    private mutating func predecessorSucceeded() -> [SourceEffect] {
        switch state {
        case .claimed, .deferred, .held, .posting, .queued, .ambiguous:
            return possibleCopies == 0 ? settle(.succeeded) : settle(.succeeded) + [.record(.duplicated)]
        case .settled(let verdict):
            return verdict == .succeeded ? [.record(.duplicated)] : correct(to: .succeeded)
        case .superseded:
            return [.informSuccessor]
        }
    }

    private mutating func operatorRetry(_ event: SourceEvent) throws(IllegalTransition) -> [SourceEffect] {
        switch state {
        case .held(.route, let stage) where posts == 0:
            // Nothing of this source was ever posted: it is the route's next probe.
            state = .deferred(until: Timestamp(microseconds: 0), stage: stage)
            return [.record(.released)]
        case .settled(.unconfirmed), .held:
            return [.supersede(successor: .claimed), .record(.superseded)]
        case .deferred(_, let stage):
            state = .deferred(until: Timestamp(microseconds: 0), stage: stage)
            return []
        case .claimed, .posting, .queued, .ambiguous, .settled, .superseded:
            throw IllegalTransition(state: state, event: event)
        }
    }

    private mutating func operatorSettled(_ verdict: Verdict, _ event: SourceEvent) throws(IllegalTransition) -> [SourceEffect] {
        guard verdict == .succeeded || verdict == .failed else { throw IllegalTransition(state: state, event: event) }
        switch state {
        case .settled(.unconfirmed):
            return correct(to: verdict)
        case .held, .ambiguous, .deferred:
            return settle(verdict)
        case .claimed, .posting, .queued, .settled, .superseded:
            throw IllegalTransition(state: state, event: event)
        }
    }

    /// Ends the source in favour of the row that the ledger has just made for it.
    package mutating func becomeSuperseded(by row: Int64) { state = .superseded(by: row) }

    /// A failure that is final. Of a coalesced source whose data is at fault it is final for one file only, and nobody knows which: each goes again
    /// alone, and has its own verdict. Alone it is no coalesced source any more, so that this happens once.
    private mutating func condemn(_ report: FailureReport) -> [SourceEffect] {
        if isCoalesced, FailureRule.blamesRecords(report.errorCode) { return [.split, .record(.superseded)] }
        return settle(.failed)
    }

    private mutating func settle(_ verdict: Verdict) -> [SourceEffect] {
        state = .settled(verdict)
        return [.record(JournalEvent.Kind(verdict))]
    }

    private mutating func correct(to verdict: Verdict) -> [SourceEffect] {
        state = .settled(verdict)
        return [.record(.corrected)]
    }
}
