import NIOConcurrencyHelpers

/// Puts notifications into the queues that the resources list now, or holds them back until it is told to let go.
final class NotificationSender: Sendable {
    private struct State {
        var isHolding = false
        var held: [(text: String, isFailure: Bool)] = []
        var sent = 0
    }

    private let resources: IngestionResources
    private let hub: EventHub
    private let state = NIOLockedValueBox(State())

    init(_ resources: IngestionResources, _ hub: EventHub) {
        self.resources = resources
        self.hub = hub
    }

    func send(_ notification: Notification, isFailure: Bool) { send(notification.text, isFailure: isFailure) }

    func send(_ text: String, isFailure: Bool) {
        let isHeld = state.withLockedValue { state in
            if state.isHolding { state.held.append((text, isFailure)) } else { state.sent += 1 }
            return state.isHolding
        }
        guard !isHeld else { return }
        (isFailure ? resources.failureQueue : resources.successQueue)?.put(text)
        hub.changed()
    }

    func hold() { state.withLockedValue { $0.isHolding = true } }

    func release() {
        let held = state.withLockedValue { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        for (text, isFailure) in held { send(text, isFailure: isFailure) }
    }

    var heldCount: Int { state.withLockedValue { $0.held.count } }
    var sentCount: Int { state.withLockedValue { $0.sent } }
}
