import NIOConcurrencyHelpers

/// The requests that came, the latest of them one by one and all of them as counts.
package final class RequestLog: Sendable {
    /// One request and its reply.
    package struct Entry: Sendable {
        /// When the request was whole.
        package let time: Moment
        /// What it asked for.
        package let endpoint: Endpoint
        /// Its method.
        package let method: String
        /// Its path, without the query, where the secrets are.
        package let path: String
        /// The status of the reply; 0 where a fault gave none.
        package let status: Int
        /// Whether a fault hit it.
        package let isFaulty: Bool
        /// The bytes of its body.
        package let bodyBytes: Int
    }

    private struct State {
        var entries: [Entry] = []
        var front = 0
        var counts: [Endpoint: Int] = [:]
        var failures: [Endpoint: Int] = [:]
    }

    private let limit: Int
    private let state = NIOLockedValueBox(State())

    init(limit: Int) { self.limit = max(1, limit) }

    func record(_ entry: Entry) {
        state.withLockedValue { state in
            state.counts[entry.endpoint, default: 0] += 1
            if entry.status >= 400 || entry.status == 0 { state.failures[entry.endpoint, default: 0] += 1 }
            if state.entries.count < limit {
                state.entries.append(entry)
            } else {
                state.entries[state.front] = entry
                state.front = (state.front + 1) % limit
            }
        }
    }

    /// The latest requests, oldest first.
    package var entries: [Entry] { state.withLockedValue { Array($0.entries[$0.front...] + $0.entries[..<$0.front]) } }

    /// How many requests of that kind came since the start.
    package func count(_ endpoint: Endpoint) -> Int { state.withLockedValue { $0.counts[endpoint] ?? 0 } }

    /// How many requests of each kind came since the start.
    package var counts: [Endpoint: Int] { state.withLockedValue { $0.counts } }

    /// How many of each kind had an error for a reply, or none.
    package var failures: [Endpoint: Int] { state.withLockedValue { $0.failures } }
}
