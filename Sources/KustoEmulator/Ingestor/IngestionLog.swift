import NIOConcurrencyHelpers

/// What the ingestor has taken and what became of it, kept for inspection up to a limit.
final class IngestionLog: Sendable {
    private struct State {
        var received: [ReceivedMessage] = []
        var outcomes: [Outcome] = []
        var receivedCount = 0
        var outcomeCount = 0
        var failureCount = 0
        /// Sources whose verdict somebody waits for; true once it is there.
        var watched: [String: Bool] = [:]
    }

    private let limit: Int
    private let state = NIOLockedValueBox(State())

    init(limit: Int) { self.limit = limit }

    func record(_ message: ReceivedMessage) {
        state.withLockedValue { state in
            state.receivedCount += 1
            if state.received.count < limit { state.received.append(message) }
        }
    }

    func record(_ outcome: Outcome) {
        state.withLockedValue { state in
            state.outcomeCount += 1
            if state.watched[outcome.sourceID] != nil { state.watched[outcome.sourceID] = true }
            if outcome.errorCode != nil { state.failureCount += 1 }
            if state.outcomes.count < limit { state.outcomes.append(outcome) }
        }
    }

    /// Begins to watch the source that a Put Message posts; nil where its body holds none.
    func watch(postedBy request: Request) -> String? {
        guard let text = XMLReader.text(of: "MessageText", in: request.bodyBytes),
            let id = Digests.bytes(base64: text).flatMap({ JSON(parsing: $0) })?.member("Id")?.text
        else { return nil }
        state.withLockedValue { $0.watched[id] = false }
        return id
    }

    /// Whether the verdict of a watched source has come.
    func isOver(_ id: String) -> Bool { state.withLockedValue { $0.watched[id] ?? true } }

    var received: [ReceivedMessage] { state.withLockedValue { $0.received } }
    var outcomes: [Outcome] { state.withLockedValue { $0.outcomes } }
    var receivedCount: Int { state.withLockedValue { $0.receivedCount } }
    var outcomeCount: Int { state.withLockedValue { $0.outcomeCount } }
    var failureCount: Int { state.withLockedValue { $0.failureCount } }
}
