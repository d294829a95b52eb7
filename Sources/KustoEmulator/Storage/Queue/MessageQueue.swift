import NIOConcurrencyHelpers

/// An Azure Storage queue: visibility timeouts, pop receipts, dequeue counts, lifetimes. No operation is worse than logarithmic.
final class MessageQueue: Sendable {
    private struct State {
        var messages: [String: QueueMessage] = [:]
        /// Ids in the order in which they became visible; those of messages that are gone or hidden again are passed over.
        var ready: [(id: String, generation: Int)] = []
        var front = 0
        var hidden = VisibilityHeap()
        var created = 0
    }

    let name: String
    private let clock: EmulatorClock
    private let recorder: StateRecorder
    private let state = NIOLockedValueBox(State())

    init(name: String, clock: EmulatorClock, recorder: StateRecorder) {
        self.name = name
        self.clock = clock
        self.recorder = recorder
    }

    /// The number of messages, hidden ones included, as the service's approximate count has it.
    var count: Int { state.withLockedValue { $0.messages.count } }

    /// Every message, in the order of insertion, without touching it.
    var contents: [QueueMessage] {
        state.withLockedValue { state in state.messages.values.sorted { ($0.inserted, $0.id) < ($1.inserted, $1.id) } }
    }

    @discardableResult
    func put(_ text: String, hiddenFor delay: Duration = .zero, lifetime: Duration? = .seconds(7 * 86_400)) -> QueueMessage {
        state.withLockedValue { state in
            let now = clock.now
            state.created += 1
            let message = QueueMessage(
                id: Identifier.guid(), text: text, inserted: now, expires: lifetime.map { now + $0 }, visible: now + delay,
                receipt: Self.receipt(state.created, now))
            state.messages[message.id] = message
            recorder.append("message", message.stateFields)
            Self.enter(message, &state, now)
            return message
        }
    }

    /// Puts many texts in at once. They have no receipts before they are received.
    func put(_ texts: [String]) {
        state.withLockedValue { state in
            let now = clock.now
            let expires = now + .seconds(7 * 86_400)
            var records: [StateRecord] = []
            // A GUID for each would cost more than all the rest.
            let stem = Identifier.guid().dropLast(12)
            state.messages.reserveCapacity(state.messages.count + texts.count)
            for (number, text) in texts.enumerated() {
                state.created += 1
                let message = QueueMessage(
                    id: stem + number.padded(12), text: text, inserted: now, expires: expires, visible: now, receipt: "")
                state.messages[message.id] = message
                state.ready.append((message.id, message.generation))
                if recorder.log.isKept { records.append(recorder.record("message", message.stateFields)) }
            }
            recorder.log.append(records)
        }
    }

    /// Takes up to `limit` visible messages and hides them.
    func get(_ limit: Int, hidingFor delay: Duration) -> [QueueMessage] {
        state.withLockedValue { state in
            let now = clock.now
            return Self.visible(limit, &state, now).map { id in
                state.created += 1
                state.messages[id]?.dequeued += 1
                state.messages[id]?.generation += 1
                state.messages[id]?.visible = now + delay
                state.messages[id]?.receipt = Self.receipt(state.created, now)
                let message = state.messages[id].unsafelyKnown
                recorder.append("message-seen", message.stateFields.filter { $0.0 != "text" })
                Self.enter(message, &state, now)
                return message
            }
        }
    }

    /// Looks at up to `limit` visible messages.
    func peek(_ limit: Int) -> [QueueMessage] {
        state.withLockedValue { state in
            let ids = Self.visible(limit, &state, clock.now)
            // They stay where they were, in front.
            state.front -= ids.count
            for (offset, id) in ids.enumerated() { state.ready[state.front + offset] = (id, state.messages[id]?.generation ?? 0) }
            return ids.compactMap { state.messages[$0] }
        }
    }

    func delete(_ id: String, receipt: String) throws(StorageError) {
        let error = state.withLockedValue { state -> StorageError? in
            guard let message = Self.living(id, &state, clock.now) else { return .messageNotFound }
            guard message.receipt == receipt, !receipt.isEmpty else { return .popReceiptMismatch }
            state.messages[id] = nil
            recorder.append("message-gone", [("id", .string(id))])
            return nil
        }
        if let error { throw error }
    }

    /// Sets a new visibility, and a new text where there is one.
    func update(_ id: String, receipt: String, hiddenFor delay: Duration, text: String?) throws(StorageError) -> QueueMessage {
        let result = state.withLockedValue { state -> Result<QueueMessage, StorageError> in
            let now = clock.now
            guard var message = Self.living(id, &state, now) else { return .failure(.messageNotFound) }
            guard message.receipt == receipt, !receipt.isEmpty else { return .failure(.popReceiptMismatch) }
            state.created += 1
            message.generation += 1
            message.visible = now + delay
            message.receipt = Self.receipt(state.created, now)
            if let text { message.text = text }
            state.messages[id] = message
            recorder.append("message", message.stateFields)
            Self.enter(message, &state, now)
            return .success(message)
        }
        return try result.get()
    }

    /// Takes messages out and gives them back: the service's own end of an ingestion queue. The state folder forgets them only when they are `finished`.
    func take(_ limit: Int) -> [QueueMessage] {
        state.withLockedValue { state in
            Self.visible(limit, &state, clock.now).compactMap { state.messages.removeValue(forKey: $0) }
        }
    }

    /// What was taken has come to its end: a restart need not bring it back.
    func finished(_ ids: [String]) {
        guard recorder.log.isKept else { return }
        recorder.log.append(ids.map { recorder.record("message-gone", [("id", .string($0))]) })
    }

    /// Puts a message back as it was, after a restart.
    func restore(_ message: QueueMessage) {
        state.withLockedValue { state in
            var message = message
            state.created += 1
            message.generation = state.created
            state.messages[message.id] = message
            Self.enter(message, &state, clock.now)
        }
    }

    /// Hides a message that was put back, as somebody who received it has hidden it.
    func restore(sighting: QueueMessage) {
        guard var message = state.withLockedValue({ $0.messages[sighting.id] }) else { return }
        (message.visible, message.receipt, message.dequeued) = (sighting.visible, sighting.receipt, sighting.dequeued)
        restore(message)
    }

    /// Removes what was put back.
    func forget(_ id: String) { state.withLockedValue { $0.messages[id] = nil } }

    /// Everything in it, to be written down.
    var records: [StateRecord] { contents.map { recorder.record("message", $0.stateFields) } }

    private static func enter(_ message: QueueMessage, _ state: inout State, _ now: Moment) {
        if message.visible <= now {
            state.ready.append((message.id, message.generation))
        } else {
            state.hidden.push(VisibilityHeap.Entry(visible: message.visible, id: message.id, generation: message.generation))
        }
    }

    private static func living(_ id: String, _ state: inout State, _ now: Moment) -> QueueMessage? {
        guard let message = state.messages[id] else { return nil }
        if let expires = message.expires, expires <= now {
            state.messages[id] = nil
            return nil
        }
        return message
    }

    /// Takes the ids of visible messages out of the line; the caller puts back those that stay visible.
    private static func visible(_ limit: Int, _ state: inout State, _ now: Moment) -> [String] {
        while let earliest = state.hidden.earliest, earliest <= now, let entry = state.hidden.pop() {
            if state.messages[entry.id]?.generation == entry.generation { state.ready.append((entry.id, entry.generation)) }
        }
        var ids: [String] = []
        while ids.count < limit, state.front < state.ready.count {
            let (id, generation) = state.ready[state.front]
            state.front += 1
            if let message = living(id, &state, now), message.generation == generation { ids.append(id) }
        }
        if state.front > 1024, state.front * 2 > state.ready.count {
            state.ready.removeFirst(state.front - ids.count)
            state.front = ids.count
        }
        return ids
    }

    private static func receipt(_ number: Int, _ now: Moment) -> String {
        // Base64 with padding on purpose: a client that does not percent-encode a receipt is to be found out.
        Digests.base64(Array("\(number)+\(now.microseconds)/".utf8) + [0xFB, 0xEF, 0xFF])
    }
}

extension Optional {
    /// A value of which the caller has just made sure.
    fileprivate var unsafelyKnown: Wrapped {
        guard let self else { preconditionFailure("the message was there a moment ago, under the same lock") }
        return self
    }
}
