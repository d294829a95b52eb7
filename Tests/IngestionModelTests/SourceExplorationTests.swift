import IngestionModel
import KustoWire
import SpoolPrimitives
import Testing

/// The state machine against a model of the world: the daemon, the queue, the service and a power cut, in every order, within a bound.
///
/// The world knows what really happened (which messages exist, what was ingested, where the file is); the machine sees only replies and
/// notifications. After every step the promises of design.md are checked, and in every world whatever strangers may say is heard.
@Suite struct SourceExplorationTests {
    @Test("no order of replies, notifications, crashes and deadlines breaks a promise, and no stranger's notification changes anything")
    func exhaustive() throws {
        let found = try explore([NotificationOwner.init])
        // The explorer sees what it claims to look for: ends, duplicates that were announced, crashes, strangers in every kind of state.
        #expect(found.worlds > 10_000)
        #expect(found.ends > 100)
        #expect(found.ingestedTwice > 0)
        #expect(found.crashes > 1000)
        #expect(found.strangersHeard == found.worlds * Stranger.allCases.count * 2)
        #expect(found.statesWithStrangers == ["claimed", "posting", "queued", "ambiguous", "deferred", "held", "settled", "superseded"])
        #expect(found.disturbances == [[:]])
    }

    /// Rules that are wrong about whose a notification is, each in one way.
    private static let brokenRules: [(rule: String, sees: Set<Stranger>, matching: Matching)] = [
        (
            "whatever is foreign is the first source's", [.otherClient, .otherSpool, .nameless],
            { id, path, prefix, instance in
                let owner = NotificationOwner(sourceID: id, sourcePath: path, prefix: prefix, instance: instance)
                return owner == .foreign ? .ours(row: 1) : owner
            }
        ),
        (
            "the row alone says whose a source is", [.otherSpool, .blobOfOurs],
            { id, path, prefix, instance in
                if let id = id.flatMap({ SourceID($0) }) { return .ours(row: id.row) }
                return NotificationOwner(sourceID: id, sourcePath: path, prefix: prefix, instance: instance)
            }
        ),
        (
            "the instance in the path makes a source ours", [.blobOfOurs],
            { id, path, prefix, instance in
                let owner = NotificationOwner(sourceID: id, sourcePath: path, prefix: prefix, instance: instance)
                return owner == .forgotten ? .ours(row: 1) : owner
            }
        ),
        (
            "what is forgotten is foreign, and would be left for others", [.blobOfOurs],
            { id, path, prefix, instance in
                let owner = NotificationOwner(sourceID: id, sourcePath: path, prefix: prefix, instance: instance)
                return owner == .forgotten ? .foreign : owner
            }
        ),
    ]

    @Test("the explorer sees a rule that takes strangers' notifications for what they are not")
    func broken() throws {
        // The first few thousand worlds have every kind of state among them.
        let found = try explore(Self.brokenRules.map(\.matching), atMost: 5000)
        for ((rule, sees, _), disturbances) in zip(Self.brokenRules, found.disturbances) {
            #expect(Set(disturbances.keys) == sees, "\(rule)")
        }
    }

    private typealias Matching = @Sendable (String?, String?, SourceID.Prefix, String) -> NotificationOwner

    /// What an exploration came upon.
    private struct Findings {
        var worlds = 0
        var ends = 0
        var ingestedTwice = 0
        var crashes = 0
        var strangersHeard = 0
        var statesWithStrangers: Set<String> = []
        /// How often a stranger's notification was not what it should be, or changed something; by rule.
        var disturbances: [[Stranger: Int]]
    }

    /// Goes through every world within the bounds. What a stranger says leaves a world as it was, so it is heard in each of them and needs no world
    /// of its own.
    private func explore(_ rules: [Matching], atMost bound: Int = .max) throws -> Findings {
        var found = Findings(disturbances: Array(repeating: [:], count: rules.count))
        var frontier: [World] = [World()]
        var seen: Set<World> = Set(frontier)
        while seen.count < bound, let world = frontier.popLast() {
            for stranger in Stranger.allCases {
                for isFailure in [true, false] {
                    found.strangersHeard += 1
                    for (index, rule) in rules.enumerated() where world.isDisturbed(by: stranger, isFailure: isFailure, rule) {
                        found.disturbances[index][stranger, default: 0] += 1
                    }
                }
            }
            found.statesWithStrangers.formUnion(world.sources.map { $0.state.kind })
            let steps = world.possibleSteps()
            if steps.isEmpty {
                found.ends += 1
                if world.ingestions > 1 { found.ingestedTwice += 1 }
                world.checkEnd()
            }
            for step in steps {
                var next = world
                try next.take(step)
                if step == .crash { found.crashes += 1 }
                next.checkAlways(after: step, from: world)
                if seen.insert(next).inserted { frontier.append(next) }
            }
        }
        found.worlds = seen.count
        return found
    }
}

extension SourceState {
    /// The state without its payload: every verdict is one.
    fileprivate var kind: String {
        if case .settled = self { "settled" } else { description }
    }
}

/// A notification about no source of this ledger, in each way that there is.
private enum Stranger: Hashable, CaseIterable {
    /// Another program's source, in its own container.
    case otherClient
    /// Another daemon's, whose ledger counts its rows as ours does.
    case otherSpool
    case nameless
    /// A number of ours that the ledger does not have, or no longer.
    case forgottenRow
    /// A blob of this instance whose source is another ledger's: replaced, or restored.
    case blobOfOurs

    static let prefix = SourceID.Prefix(bits: 0xA11CE)
    static let instance = "ks-0123456789ab"
    private static let otherPrefix = SourceID.Prefix(bits: 0xB0B)

    static func id(ofSource index: Int) -> SourceID { SourceID(prefix: prefix, row: Int64(index) + 1) }

    static func path(_ instance: String, _ id: String) -> String { "https://account1.example/container1/\(instance)/\(id)-1.1.csv.gz" }

    private static let words: [Stranger: (id: String?, path: String?)] = {
        let other = SourceID(prefix: otherPrefix, row: 1).description
        let forgotten = SourceID(prefix: prefix, row: 4711).description
        return [
            .otherClient: (
                "11111111-1111-4111-8111-111111111111", "https://account1.example/container1/11111111-1111-4111-8111-111111111111.csv"
            ),
            .otherSpool: (other, path("ks-ba9876543210", other)),
            .nameless: (nil, nil),
            .forgottenRow: (forgotten, path(instance, forgotten)),
            .blobOfOurs: (other, path(instance, other)),
        ]
    }()

    /// What the notification says of its source.
    var said: (id: String?, path: String?) { Self.words[self] ?? (nil, nil) }

    /// What has to become of it (protocol.md §5).
    var fate: World.Fate {
        switch self {
        case .otherClient, .otherSpool, .nameless: .foreign
        case .forgottenRow, .blobOfOurs: .forgotten
        }
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
        /// The engine is asked about a source that no notification was about, and remembers its failure.
        case consult
        case dispose
    }

    enum Reply: Hashable { case accepted, refused, lost }
    enum Rejection: Hashable { case final, retry, configuration, transient, alreadyFound }
    struct Note: Hashable {
        var source: Int
        var outcome: Rejection?  // nil: success
    }
    enum Place: Hashable { case active, done, failed }
    /// What becomes of a notification.
    enum Fate: Hashable {
        /// An event of one of the file's sources.
        case applied
        /// Recorded as a source of ours that is not known; its message is deleted.
        case forgotten
        /// Recorded as foreign and deleted, or left in its queue whole, as `notifications.foreign` says.
        case foreign
    }

    /// The chain of sources of the file; each but the last is superseded.
    var sources: [SourceProgress] = [SourceProgress()]
    /// The reply to a post that is on its way, not yet committed.
    var pendingReply: Reply?
    /// Messages in the ingestion queue, by source.
    var messages: [Int] = []
    /// Notifications nobody has read yet.
    var notes: Set<Note> = []
    var place = Place.active
    /// Whether the engine remembers a failure of the file's present source.
    var isRemembered = false
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
            if !deadlinePassed { steps += waitsInVain }
        case .held: steps.append(.release)
        case .queued: if !deadlinePassed { steps += waitsInVain }
        case .settled(let verdict):
            if verdict == .unconfirmed, isRemembered { steps.append(.consult) }
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

    /// What the deadline brings: the engine may not be asked, or not be there.
    private var waitsInVain: [Step] { isRemembered ? [.deadline, .consult] : [.deadline] }

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
            if rejection != .transient {
                messages.remove(at: index)
                if source == current { isRemembered = true }
            }
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
        case .consult:
            deadlinePassed = true
            try apply(.foundFailure(FailureReport(errorCode: "Unknown", failureStatus: .exhausted)), to: current)
        case .dispose:
            guard case .settled(let verdict) = sources[current].state else { return }
            place = FileDestination.needed(for: verdict, at: location, deletesOnSuccess: false) == .done ? .done : .failed
        }
    }

    private mutating func deliver(_ note: Note) throws {
        let id = Stranger.id(ofSource: note.source).description
        let fate = try hear(
            Self.event(note.outcome), about: (id, Stranger.path(Stranger.instance, id)), NotificationOwner.init)
        #expect(fate == .applied, "a verdict of ours was not believed: \(self)")
    }

    /// A notification comes out of its queue: whose it is, and what it does.
    private mutating func hear(
        _ event: SourceEvent, about said: (id: String?, path: String?),
        _ matching: (String?, String?, SourceID.Prefix, String) -> NotificationOwner
    ) throws -> Fate {
        switch matching(said.id, said.path, Stranger.prefix, Stranger.instance) {
        case .foreign: return .foreign
        case .forgotten: return .forgotten
        case .ours(let row):
            // The ledger says that it knows no such row.
            guard sources.indices.contains(Int(row) - 1) else { return .forgotten }
            try apply(event, to: Int(row) - 1)
            return .applied
        }
    }

    /// Whether a stranger's notification is taken for what it is not. Whatever the queue brings, this world has to stay as it is.
    func isDisturbed(
        by stranger: Stranger, isFailure: Bool, _ matching: (String?, String?, SourceID.Prefix, String) -> NotificationOwner
    ) -> Bool {
        var after = self
        do {
            let fate = try after.hear(Self.event(isFailure ? .final : nil), about: stranger.said, matching)
            return fate != stranger.fate || after != self
        } catch {
            // It reached a source, which refused it.
            return true
        }
    }

    private static func event(_ outcome: Rejection?) -> SourceEvent {
        guard let outcome else { return .notifiedSuccess }
        let report =
            switch outcome {
            case .final: FailureReport(errorCode: "BadRequest_InvalidBlob", failureStatus: .permanent)
            case .retry: FailureReport(errorCode: "Unknown", failureStatus: .exhausted)
            case .configuration: FailureReport(errorCode: "BadRequest_TableNotExist", failureStatus: .permanent)
            case .transient: FailureReport(errorCode: "Timeout", failureStatus: .transient)
            case .alreadyFound: FailureReport(errorCode: "BlobAlreadyReceived_BlobAlreadyFoundInBatch", failureStatus: .permanent)
            }
        return .notifiedFailure(report)
    }

    private var now: Timestamp { Timestamp(seconds: 0) }

    /// What the ledger does with an event: the machine's answer, stored.
    private mutating func apply(_ event: SourceEvent, to index: Int) throws {
        for effect in try sources[index].apply(event) {
            switch effect {
            case .supersede(let state):
                sources.append(SourceProgress(state: state))
                sources[index].becomeSuperseded(by: Int64(sources.count - 1))
                isRemembered = false
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
            case .split, .separate: Issue.record("a source of one file has nothing to split: \(self)")
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
