import NIOConcurrencyHelpers

/// The rules about verdicts in force, and how often each has really hit. Unlike a request, a verdict is hit by every rule that says so, one after the other.
package final class NotificationPlan: Sendable {
    /// A rule with its counts.
    package struct Account: Sendable {
        /// The rule's number, given when it was added.
        package let id: Int
        /// The rule.
        package let rule: NotificationRule
        fileprivate var count = OccurrenceCount()

        /// How many verdicts it matched.
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

    init(rules: [NotificationRule], seed: UInt64) {
        state = NIOLockedValueBox(State(random: SeededRandom(seed: seed ^ 0x6E6F_7469_6679)))
        rules.forEach { add($0) }
    }

    /// Adds a rule behind those in force and gives back its number.
    @discardableResult
    package func add(_ rule: NotificationRule) -> Int {
        state.withLockedValue { state in
            defer { state.nextID += 1 }
            state.accounts.append(Account(id: state.nextID, rule: rule))
            return state.nextID
        }
    }

    /// Ends a rule.
    package func remove(_ id: Int) { state.withLockedValue { state in state.accounts.removeAll { $0.id == id } } }

    /// Ends every rule. The total of those that hit stays.
    package func clear() { state.withLockedValue { $0.accounts.removeAll() } }

    /// The rules in force with their counts.
    package var accounts: [Account] { state.withLockedValue { $0.accounts } }

    /// How often the rule has hit; nil for a rule that is not in force.
    package func fired(_ id: Int) -> Int? { accounts.first { $0.id == id }?.fired }

    /// Hits since the start, by all rules that ever were.
    package var totalFired: Int { state.withLockedValue { $0.fired } }

    func decide(_ verdict: Verdict) -> [NotificationRule.Action] {
        state.withLockedValue { state in
            var actions: [NotificationRule.Action] = []
            for index in state.accounts.indices where state.accounts[index].rule.matches(verdict) {
                let occurrence = state.accounts[index].rule.occurrence
                guard state.accounts[index].count.hits(occurrence, &state.random) else { continue }
                state.fired += 1
                actions.append(state.accounts[index].rule.action)
            }
            return actions
        }
    }

    /// A number below the limit, by the plan's seed.
    func chance(below limit: Int) -> Int { state.withLockedValue { Int.random(in: 0..<limit, using: &$0.random) } }
}
