/// One thing that goes wrong on purpose: where, when, and what.
package struct FaultRule: Sendable {
    /// Which of the requests that match are hit. Counted per rule, from 1.
    package enum Occurrence: Sendable {
        case always
        /// Only the nth.
        case nth(Int)
        /// The nth and all after it.
        case from(Int)
        /// The first n.
        case first(Int)
        /// The nth, the 2nth, …
        case every(Int)
        /// Each with that probability, by the plan's seed.
        case percent(Double)
    }

    /// The endpoints hit; empty means all but the emulator's own.
    package var endpoints: Set<Endpoint>
    /// Only requests to that storage account.
    package var account: String?
    /// Only requests to that container or queue.
    package var resource: String?
    /// Which of them.
    package var occurrence: Occurrence
    /// What happens to them.
    package var action: FaultAction

    /// A rule for one endpoint.
    package init(
        _ endpoint: Endpoint, account: String? = nil, resource: String? = nil, when occurrence: Occurrence = .always, action: FaultAction
    ) {
        self.init([endpoint], account: account, resource: resource, when: occurrence, action: action)
    }

    /// A rule for several endpoints, or all.
    package init(
        _ endpoints: Set<Endpoint>, account: String? = nil, resource: String? = nil, when occurrence: Occurrence = .always,
        action: FaultAction
    ) {
        self.endpoints = endpoints
        self.account = account
        self.resource = resource
        self.occurrence = occurrence
        self.action = action
    }

    func matches(_ endpoint: Endpoint, _ name: (account: String, resource: String)?) -> Bool {
        guard endpoints.isEmpty ? endpoint != .administration : endpoints.contains(endpoint) else { return false }
        if let account, account != name?.account { return false }
        if let resource, resource != name?.resource { return false }
        return true
    }
}
