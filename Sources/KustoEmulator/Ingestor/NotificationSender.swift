import Dispatch
import NIOConcurrencyHelpers

/// Brings verdicts to where they are read: into the queues that the resources list now and into status tables. On the way the rules about verdicts have
/// their say. Everything is held back until it is told to let go, if that was asked for.
final class NotificationSender: Sendable {
    /// One thing to bring, while rules may still change it.
    private enum Draft: Sendable {
        case verdict(Verdict)
        case text(String, isFailure: Bool)

        var parcel: NotificationParcel {
            switch self {
            case .verdict(let verdict): NotificationParcel(verdict)
            case .text(let text, let isFailure): .text(text, isFailure: isFailure)
            }
        }
    }

    /// A parcel that is kept back, under the name by which the state folder knows it.
    private struct Kept: Sendable {
        let id = Identifier.guid()
        let parcel: NotificationParcel
    }

    /// A parcel that is kept back by a rule.
    private struct Waiting: Sendable {
        let kept: Kept
        let due: Moment
        /// How many others have to come first; nil where only the time counts.
        var behind: Int?
    }

    private struct State {
        var isHolding = false
        var held: [Kept] = []
        var waiting: [Waiting] = []
        var sent = 0
        var lost = 0
        var foreign = 0
    }

    private let resources: IngestionResources
    private let statuses: StatusWriter
    private let plan: NotificationPlan
    private let clock: EmulatorClock
    private let hub: EventHub
    private let log: StateLog
    private let queue = DispatchQueue(label: "kusto-emulator.notifications")
    private let state = NIOLockedValueBox(State())

    init(
        _ resources: IngestionResources, _ statuses: StatusWriter, _ plan: NotificationPlan, _ clock: EmulatorClock, _ hub: EventHub,
        _ log: StateLog
    ) {
        self.resources = resources
        self.statuses = statuses
        self.plan = plan
        self.clock = clock
        self.hub = hub
        self.log = log
        clock.onChange { [weak self] in self?.sendDue() }
    }

    /// Sends a verdict, by way of the rules.
    func send(_ verdict: Verdict) {
        var parcels: [(parcel: Draft, delay: Duration?, behind: Int?)] = [(.verdict(verdict), nil, nil)]
        for action in plan.decide(verdict) {
            switch action {
            case .lose: parcels.removeAll()
            case .delay(let delay): parcels = parcels.map { ($0.parcel, ($0.delay ?? .zero) + delay, $0.behind) }
            case .reorder(let others, let limit): parcels = parcels.map { ($0.parcel, $0.delay ?? limit, others) }
            case .duplicate(let count): parcels += parcels.flatMap { Array(repeating: $0, count: count) }
            case .contradict:
                let opposite = (parcel: Draft.verdict(verdict.opposite), delay: Duration?.none, behind: Int?.none)
                parcels.insert(opposite, at: plan.chance(below: 2) * parcels.count)
            case .foreign(let count): sendForeign(count, failurePercent: verdict.notification.failure == nil ? 0 : 100)
            case .unknownFields: parcels = parcels.map { (Self.altered($0.parcel, .unknownFields), $0.delay, $0.behind) }
            case .otherTypes: parcels = parcels.map { (Self.altered($0.parcel, .otherTypes), $0.delay, $0.behind) }
            case .garbage:
                let text = ["%%% no base64", Digests.base64(Array("{\"OperationId\":".utf8)), Digests.base64(Array("[]".utf8))]
                parcels = parcels.map {
                    (.text(text[plan.chance(below: text.count)], isFailure: verdict.notification.failure != nil), $0.delay, $0.behind)
                }
            }
        }
        if parcels.isEmpty { state.withLockedValue { $0.lost += 1 } }
        for (parcel, delay, behind) in parcels {
            if delay == nil, behind == nil { pass(parcel.parcel) } else { keep(parcel.parcel, delay ?? .zero, behind) }
        }
        hub.changed()
    }

    /// Puts a text into a queue as it is; no rule looks at it.
    func send(text: String, isFailure: Bool) {
        pass(.text(text, isFailure: isFailure))
        hub.changed()
    }

    /// Puts many notifications of others into the queues at once.
    func sendForeign(_ count: Int, failurePercent: Int) {
        let failures = count * min(100, max(0, failurePercent)) / 100
        for (isFailure, part) in [(true, failures), (false, count - failures)] where part > 0 {
            resources.notificationQueue(isFailure: isFailure)?.put(
                ForeignNotifications.texts(part, isFailure: isFailure, at: clock.now))
        }
        state.withLockedValue { $0.foreign += count }
        hub.changed()
    }

    func hold() { state.withLockedValue { $0.isHolding = true } }

    func release() {
        let held = state.withLockedValue { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        held.forEach(passKept)
        hub.changed()
    }

    /// Brings what was kept back when the emulator was killed.
    func restore(_ record: StateRecord) {
        deliver(NotificationParcel(record))
        log.append(StateRecord("parcel-gone", [("id", .string(record.text("id")))]))
    }

    /// What is kept back because everything is.
    var heldCount: Int { state.withLockedValue { $0.held.count } }

    /// What is kept back by rules.
    var waitingCount: Int { state.withLockedValue { $0.waiting.count } }

    /// How many have gone into queues, foreign ones not counted.
    var sentCount: Int { state.withLockedValue { $0.sent } }

    /// How many never came: by a rule, or because no queue was listed for them.
    var lostCount: Int { state.withLockedValue { $0.lost } }

    /// How many notifications of others were put in.
    var foreignCount: Int { state.withLockedValue { $0.foreign } }

    private func keep(_ parcel: NotificationParcel, _ delay: Duration, _ behind: Int?) {
        let kept = Kept(parcel: parcel)
        log.append(parcel.record(kept.id))
        state.withLockedValue { $0.waiting.append(Waiting(kept: kept, due: clock.now + delay, behind: behind)) }
        let (seconds, attoseconds) = delay.components
        // A little later than due, so that what is due is found to be.
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000) + 1_000_000
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [weak self] in self?.sendDue() }
    }

    private func sendDue() {
        let now = clock.now
        let due = state.withLockedValue { state in
            let due = state.waiting.filter { $0.due <= now }
            state.waiting.removeAll { $0.due <= now }
            return due
        }
        due.forEach { passKept($0.kept) }
        if !due.isEmpty { hub.changed() }
    }

    private func passKept(_ kept: Kept) {
        pass(kept.parcel)
        log.append(StateRecord("parcel-gone", [("id", .string(kept.id))]))
    }

    private func pass(_ parcel: NotificationParcel) {
        let isHeld = state.withLockedValue { state in
            guard state.isHolding else { return false }
            let kept = Kept(parcel: parcel)
            log.append(parcel.record(kept.id))
            state.held.append(kept)
            return true
        }
        guard !isHeld else { return }
        deliver(parcel)
        let overtaken = state.withLockedValue { state in
            for index in state.waiting.indices { state.waiting[index].behind? -= 1 }
            let overtaken = state.waiting.filter { $0.behind.map { $0 <= 0 } ?? false }
            state.waiting.removeAll { $0.behind.map { $0 <= 0 } ?? false }
            return overtaken
        }
        for waiting in overtaken {
            deliver(waiting.kept.parcel)
            log.append(StateRecord("parcel-gone", [("id", .string(waiting.kept.id))]))
        }
    }

    private func deliver(_ parcel: NotificationParcel) {
        switch parcel {
        case .columns(let write): statuses.write(write)
        case .text(let text, let isFailure): put(text, isFailure: isFailure)
        }
    }

    private func put(_ text: String, isFailure: Bool) {
        let queue = resources.notificationQueue(isFailure: isFailure)
        queue?.put(text)
        state.withLockedValue { state in
            if queue == nil { state.lost += 1 } else { state.sent += 1 }
        }
    }

    private static func altered(_ parcel: Draft, _ alteration: Verdict.Alteration) -> Draft {
        guard case .verdict(var verdict) = parcel else { return parcel }
        verdict.alterations.append(alteration)
        return .verdict(verdict)
    }
}
