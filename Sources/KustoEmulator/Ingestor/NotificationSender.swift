import NIOConcurrencyHelpers

/// Brings verdicts to where they are read: into the queues that the resources list now and into status tables. It holds them back until it is told to
/// let go.
final class NotificationSender: Sendable {
    /// One thing to bring.
    enum Parcel: Sendable {
        case queue(text: String, isFailure: Bool)
        case table(StatusUpdate)
    }

    private struct State {
        var isHolding = false
        var held: [Parcel] = []
        var sent = 0
    }

    private let resources: IngestionResources
    private let statuses: StatusWriter
    private let hub: EventHub
    private let state = NIOLockedValueBox(State())

    init(_ resources: IngestionResources, _ statuses: StatusWriter, _ hub: EventHub) {
        self.resources = resources
        self.statuses = statuses
        self.hub = hub
    }

    func send(_ notification: Notification, isFailure: Bool) { send(.queue(text: notification.text, isFailure: isFailure)) }

    func send(_ parcel: Parcel) {
        let isHeld = state.withLockedValue { state in
            if state.isHolding { state.held.append(parcel) }
            return state.isHolding
        }
        guard !isHeld else { return }
        deliver(parcel)
        hub.changed()
    }

    func hold() { state.withLockedValue { $0.isHolding = true } }

    func release() {
        let held = state.withLockedValue { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        held.forEach(send)
    }

    var heldCount: Int { state.withLockedValue { $0.held.count } }

    /// How many have gone into queues.
    var sentCount: Int { state.withLockedValue { $0.sent } }

    private func deliver(_ parcel: Parcel) {
        switch parcel {
        case .queue(let text, let isFailure):
            state.withLockedValue { $0.sent += 1 }
            (isFailure ? resources.failureQueue : resources.successQueue)?.put(text)
        case .table(let update): statuses.write(update)
        }
    }
}
