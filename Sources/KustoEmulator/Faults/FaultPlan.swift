import NIOConcurrencyHelpers

/// The faults in force, and how often each has really fired: a test of a fault counts the faults that it saw.
package final class FaultPlan: Sendable {
    /// A rule with its counts.
    package struct Account: Sendable {
        /// The rule's number, given when it was added.
        package let id: Int
        /// The rule.
        package let rule: FaultRule
        fileprivate var count = OccurrenceCount()

        /// How many requests it matched.
        package var matched: Int { count.matched }
        /// How many of them it hit.
        package var fired: Int { count.fired }
    }

    private struct State {
        var accounts: [Account] = []
        var nextID = 1
        var fired = 0
        var random: SeededRandom
    }

    private let state: NIOLockedValueBox<State>

    init(rules: [FaultRule], seed: UInt64) {
        state = NIOLockedValueBox(State(random: SeededRandom(seed: seed)))
        rules.forEach { add($0) }
    }

    /// Adds a rule behind those in force and gives back its number. The first rule that hits a request decides.
    @discardableResult
    package func add(_ rule: FaultRule) -> Int {
        state.withLockedValue { state in
            defer { state.nextID += 1 }
            state.accounts.append(Account(id: state.nextID, rule: rule))
            return state.nextID
        }
    }

    /// Ends a rule.
    package func remove(_ id: Int) { state.withLockedValue { state in state.accounts.removeAll { $0.id == id } } }

    /// Ends every rule. The total of faults fired stays.
    package func clear() { state.withLockedValue { $0.accounts.removeAll() } }

    /// The rules in force with their counts.
    package var accounts: [Account] { state.withLockedValue { $0.accounts } }

    /// How often the rule has fired; nil for a rule that is not in force.
    package func fired(_ id: Int) -> Int? { accounts.first { $0.id == id }?.fired }

    /// Faults fired since the start, by all rules that ever were.
    package var totalFired: Int { state.withLockedValue { $0.fired } }

    func decide(_ endpoint: Endpoint, _ name: (account: String, resource: String)?) -> FaultAction? {
        state.withLockedValue { state in
            for index in state.accounts.indices where state.accounts[index].rule.matches(endpoint, name) {
                let occurrence = state.accounts[index].rule.occurrence
                guard state.accounts[index].count.hits(occurrence, &state.random) else { continue }
                state.fired += 1
                return state.accounts[index].rule.action
            }
            return nil
        }
    }
}
