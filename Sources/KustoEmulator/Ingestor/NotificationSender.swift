import Dispatch
import NIOConcurrencyHelpers

/// Brings verdicts to where they are read: into the queues that the resources list now and into status tables. On the way the rules about verdicts have
/// their say. Everything is held back until it is told to let go, if that was asked for.
final class NotificationSender: Sendable {
    /// One thing to bring.
    private enum Parcel: Sendable {
        case verdict(Verdict)
        case text(String, isFailure: Bool)
    }

    /// A verdict that is kept back by a rule.
    private struct Waiting: Sendable {
        let parcel: Parcel
        let due: Moment
        /// How many others have to come first; nil where only the time counts.
        var behind: Int?
    }

    private struct State {
        var isHolding = false
        var held: [Parcel] = []
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
    private let queue = DispatchQueue(label: "kusto-emulator.notifications")
    private let state = NIOLockedValueBox(State())

    init(_ resources: IngestionResources, _ statuses: StatusWriter, _ plan: NotificationPlan, _ clock: EmulatorClock, _ hub: EventHub) {
        self.resources = resources
        self.statuses = statuses
        self.plan = plan
        self.clock = clock
        self.hub = hub
        clock.onChange { [weak self] in self?.sendDue() }
    }

    /// Sends a verdict, by way of the rules.
    func send(_ verdict: Verdict) {
        var parcels: [(parcel: Parcel, delay: Duration?, behind: Int?)] = [(.verdict(verdict), nil, nil)]
        for action in plan.decide(verdict) {
            switch action {
            case .lose: parcels.removeAll()
            case .delay(let delay): parcels = parcels.map { ($0.parcel, ($0.delay ?? .zero) + delay, $0.behind) }
            case .reorder(let others, let limit): parcels = parcels.map { ($0.parcel, $0.delay ?? limit, others) }
            case .duplicate(let count): parcels += parcels.flatMap { Array(repeating: $0, count: count) }
            case .contradict:
                let opposite = (parcel: Parcel.verdict(verdict.opposite), delay: Duration?.none, behind: Int?.none)
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
            if delay == nil, behind == nil { pass(parcel) } else { keep(parcel, delay ?? .zero, behind) }
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
        held.forEach(pass)
        hub.changed()
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

    private func keep(_ parcel: Parcel, _ delay: Duration, _ behind: Int?) {
        state.withLockedValue { $0.waiting.append(Waiting(parcel: parcel, due: clock.now + delay, behind: behind)) }
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
        due.forEach { pass($0.parcel) }
        if !due.isEmpty { hub.changed() }
    }

    private func pass(_ parcel: Parcel) {
        let isHeld = state.withLockedValue { state in
            if state.isHolding { state.held.append(parcel) }
            return state.isHolding
        }
        guard !isHeld else { return }
        deliver(parcel)
        let overtaken = state.withLockedValue { state in
            for index in state.waiting.indices { state.waiting[index].behind? -= 1 }
            let overtaken = state.waiting.filter { $0.behind.map { $0 <= 0 } ?? false }
            state.waiting.removeAll { $0.behind.map { $0 <= 0 } ?? false }
            return overtaken
        }
        overtaken.forEach { deliver($0.parcel) }
    }

    private func deliver(_ parcel: Parcel) {
        switch parcel {
        case .verdict(let verdict) where verdict.method == .table: statuses.write(verdict)
        case .verdict(let verdict): put(verdict.text, isFailure: verdict.notification.failure != nil)
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

    private static func altered(_ parcel: Parcel, _ alteration: Verdict.Alteration) -> Parcel {
        guard case .verdict(var verdict) = parcel else { return parcel }
        verdict.alterations.append(alteration)
        return .verdict(verdict)
    }
}
