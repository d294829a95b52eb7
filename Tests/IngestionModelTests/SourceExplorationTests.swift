import IngestionModel
import KustoWire
import SpoolPrimitives
import Testing

/// The state machine against a model of the world: the daemon, the queue, the service and a power cut, in every order, within a bound.
///
/// The world knows what really happened (which messages exist, what was ingested, where the file is); the machine sees only replies and
/// notifications. After every step the promises of design.md are checked.
@Suite struct SourceExplorationTests {
    @Test("no order of replies, notifications, crashes and deadlines breaks a promise")
    func exhaustive() throws {
        var frontier: [World] = [World()]
        var seen: Set<World> = Set(frontier)
        var ends = 0
        var ingestedTwice = 0
        var crashes = 0
        while let world = frontier.popLast() {
            let steps = world.possibleSteps()
            if steps.isEmpty {
                ends += 1
                if world.ingestions > 1 { ingestedTwice += 1 }
                world.checkEnd()
            }
            for step in steps {
                var next = world
                try next.take(step)
                if step == .crash { crashes += 1 }
                next.checkAlways(after: step, from: world)
                if seen.insert(next).inserted { frontier.append(next) }
            }
        }
        // The explorer sees what it claims to look for: ends, duplicates that were announced, crashes.
        #expect(seen.count > 10_000)
        #expect(ends > 100)
        #expect(ingestedTwice > 0)
        #expect(crashes > 1000)
    }
}

/// One file's world.
private struct World: Hashable {
    enum Step: Hashable {
        case post(arrives: Bool, reply: Reply)
        case commitReply
        case crash
        case ingest(Int)
        case reject(Int, Rejection)
        case deliver(Note)
        case repost
        case release
        case deadline
        case dispose
    }

    enum Reply: Hashable { case accepted, refused, lost }
    enum Rejection: Hashable { case final, retry, configuration, transient, alreadyFound }
    struct Note: Hashable {
        var source: Int
        var outcome: Rejection?  // nil: success
    }
    enum Place: Hashable { case active, done, failed }

    /// The chain of sources of the file; each but the last is superseded.
    var sources: [SourceProgress] = [SourceProgress()]
    /// The reply to a post that is on its way, not yet committed.
    var pendingReply: Reply?
    /// Messages in the ingestion queue, by source.
    var messages: [Int] = []
    /// Notifications nobody has read yet.
    var notes: Set<Note> = []
    var place = Place.active
    /// What really happened.
    var ingestions = 0
    var ingestedSources: Set<Int> = []
    /// What the journal says.
    var announced = 0
    var verdictEvents = 0
    var corrections = 0
    /// Bounds of the exploration.
    var crashesLeft = 2
    var postsLeft = 3
    var redeliveriesLeft = 1
    var deadlinePassed = false

    var current: Int { sources.count - 1 }

    func possibleSteps() -> [Step] {
        var steps: [Step] = []
        let state = sources[current].state
        switch state {
        case .claimed, .deferred:
            if postsLeft > 0 {
                steps += [.post(arrives: true, reply: .accepted), .post(arrives: false, reply: .refused)]
                steps += [.post(arrives: true, reply: .lost), .post(arrives: false, reply: .lost)]
            }
        case .posting:
            if pendingReply != nil { steps.append(.commitReply) }
        case .ambiguous:
            if postsLeft > 0 { steps.append(.repost) }
            if !deadlinePassed { steps.append(.deadline) }
        case .held: steps.append(.release)
        case .queued: if !deadlinePassed { steps.append(.deadline) }
        case .settled(let verdict):
            if FileDestination.needed(for: verdict, at: location, deletesOnSuccess: false) != nil { steps.append(.dispose) }
        case .superseded: break
        }
        if crashesLeft > 0 { steps.append(.crash) }
        for index in messages.indices {
            steps.append(.ingest(index))
            if sources.count < 3 { steps += [.reject(index, .retry), .reject(index, .configuration)] }
            steps += [.reject(index, .final), .reject(index, .transient)]
            if messages.filter({ $0 == messages[index] }).count > 1 { steps.append(.reject(index, .alreadyFound)) }
        }
        for note in notes { steps.append(.deliver(note)) }
        return steps
    }

    private var location: FileLocation {
        switch place {
        case .active: .active
        case .done: .done(path: "done/x")
        case .failed: .failed(path: "failed/x")
        }
    }

    mutating func take(_ step: Step) throws {
        switch step {
        case .post(let arrives, let reply):
            try apply(.posting, to: current)
            postsLeft -= 1
            if arrives { messages.append(current) }
            pendingReply = reply
        case .repost:
            try apply(.posting, to: current)
            postsLeft -= 1
            messages.append(current)
            pendingReply = .accepted
        case .commitReply:
            let reply = pendingReply
            pendingReply = nil
            switch reply {
            case .accepted: try apply(.postAccepted, to: current)
            case .refused: try apply(.postRefused(retryAt: now), to: current)
            case .lost: try apply(.postInDoubt(repostAt: now), to: current)
            case nil: break
            }
        case .crash:
            crashesLeft -= 1
            pendingReply = nil
            if case .posting = sources[current].state { try apply(.interrupted(repostAt: now), to: current) }
        case .ingest(let index):
            let source = messages.remove(at: index)
            ingestions += 1
            ingestedSources.insert(source)
            notes.insert(Note(source: source, outcome: nil))
        case .reject(let index, let rejection):
            let source = messages[index]
            // A transient failure leaves the message with the service.
            if rejection != .transient { messages.remove(at: index) }
            notes.insert(Note(source: source, outcome: rejection))
            if rejection == .transient { redeliveriesLeft -= 0 }
        case .deliver(let note):
            // The queue may deliver a message again: it was read, and its deletion was lost.
            if redeliveriesLeft > 0 { redeliveriesLeft -= 1 } else { notes.remove(note) }
            try deliver(note)
        case .release:
            try apply(.released(at: now), to: current)
        case .deadline:
            deadlinePassed = true
            try apply(.deadlinePassed(reportsSuccesses: true), to: current)
        case .dispose:
            guard case .settled(let verdict) = sources[current].state else { return }
            place = FileDestination.needed(for: verdict, at: location, deletesOnSuccess: false) == .done ? .done : .failed
        }
    }

    private mutating func deliver(_ note: Note) throws {
        guard let outcome = note.outcome else { return try apply(.notifiedSuccess, to: note.source) }
        let report =
            switch outcome {
            case .final: FailureReport(errorCode: "BadRequest_InvalidBlob", failureStatus: .permanent)
            case .retry: FailureReport(errorCode: "Unknown", failureStatus: .exhausted)
            case .configuration: FailureReport(errorCode: "BadRequest_TableNotExist", failureStatus: .permanent)
            case .transient: FailureReport(errorCode: "Timeout", failureStatus: .transient)
            case .alreadyFound: FailureReport(errorCode: "BlobAlreadyReceived_BlobAlreadyFoundInBatch", failureStatus: .permanent)
            }
        try apply(.notifiedFailure(report), to: note.source)
    }

    private var now: Timestamp { Timestamp(seconds: 0) }

    /// What the ledger does with an event: the machine's answer, stored.
    private mutating func apply(_ event: SourceEvent, to index: Int) throws {
        for effect in try sources[index].apply(event) {
            switch effect {
            case .supersede(let state):
                sources.append(SourceProgress(state: state))
                sources[index].becomeSuperseded(by: Int64(sources.count - 1))
                // A reply that is still on its way belongs to a source that is settled now.
                pendingReply = nil
            case .informSuccessor:
                if case .superseded(let next) = sources[index].state { try apply(.predecessorSucceeded, to: Int(next)) }
            case .record(let kind):
                switch kind {
                case .reposted: announced += 1
                case .superseded: announced += 1
                case .succeeded, .failed, .presumed, .skipped, .unconfirmed: verdictEvents += 1
                case .corrected: corrections += 1
                default: break
                }
            case .extendDeadline: break
            }
        }
    }

    // MARK: - The promises

    func checkAlways(after step: Step, from before: World) {
        // P1: the chain has one living end, and it owns the file.
        for source in sources.dropLast() {
            guard case .superseded = source.state else {
                Issue.record("two sources own one file: \(self)")
                return
            }
        }
        // P2: success is never claimed that the service did not report.
        if case .settled(.succeeded) = sources[current].state {
            #expect(ingestions > 0, "succeeded without an ingestion: \(self)")
        }
        // P2: a success, once recorded, is never taken back.
        if case .settled(.succeeded) = before.sources[before.current].state {
            #expect(sources[current].state == .settled(.succeeded), "a success was taken back by \(step): \(self)")
        }
        // P4: every message beyond the first was announced before it could exist.
        #expect(ingestions + messages.count <= 1 + announced, "an unannounced repeat by \(step): \(self)")
        // P5: one verdict event a file; whatever comes later is a correction.
        #expect(verdictEvents <= 1, "two verdicts by \(step): \(self)")
        if place == .done, case .settled(let verdict) = sources[current].state { #expect(verdict != .skipped) }
    }

    func checkEnd() {
        switch sources[current].state {
        case .settled(let verdict):
            // All notifications are read. If the rows are in, the verdict says so and the file is with the successes.
            if ingestions > 0 {
                #expect(verdict == .succeeded, "rows landed, and the verdict is \(verdict): \(self)")
                #expect(place == .done)
            } else {
                #expect(verdict == .failed || verdict == .unconfirmed, "no rows landed, and the verdict is \(verdict): \(self)")
                #expect(place == (verdict == .failed ? .failed : .active))
            }
        case .claimed, .deferred, .ambiguous, .queued:
            // The exploration's bounds ended it; the daemon would go on.
            #expect(postsLeft == 0 || deadlinePassed, "stuck: \(self)")
            #expect(place == .active)
        case .posting, .held, .superseded:
            Issue.record("nothing can happen any more, and there is no verdict: \(self)")
        }
    }
}
