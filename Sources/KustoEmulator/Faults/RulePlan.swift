import NIOConcurrencyHelpers

/// A rule of a plan: it says which of the things that it matches it hits.
protocol PlannedRule: Sendable {
    var occurrence: FaultRule.Occurrence { get }
}

/// Rules in force, and how often each has really hit: a test of a fault counts the faults that it saw.
package final class RulePlan<Rule: Sendable>: Sendable {
    /// A rule with its counts.
    package struct Account: Sendable {
        /// The rule's number, given when it was added.
        package let id: Int
        /// The rule.
        package let rule: Rule
        fileprivate var count = OccurrenceCount()

        /// How many requests or verdicts it matched.
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

    init(rules: [Rule], seed: UInt64) {
        state = NIOLockedValueBox(State(random: SeededRandom(seed: seed)))
        rules.forEach { add($0) }
    }

    /// Adds a rule behind those in force and gives back its number.
    @discardableResult
    package func add(_ rule: Rule) -> Int {
        state.withLockedValue { state in
            defer { state.nextID += 1 }
            state.accounts.append(Account(id: state.nextID, rule: rule))
            return state.nextID
        }
    }

    /// Ends a rule.
    package func remove(_ id: Int) { state.withLockedValue { state in state.accounts.removeAll { $0.id == id } } }

    /// Ends every rule. The total of hits stays.
    package func clear() { state.withLockedValue { $0.accounts.removeAll() } }

    /// The rules in force with their counts.
    package var accounts: [Account] { state.withLockedValue { $0.accounts } }

    /// How often the rule has hit; nil for a rule that is not in force.
    package func fired(_ id: Int) -> Int? { accounts.first { $0.id == id }?.fired }

    /// Hits since the start, by all rules that ever were.
    package var totalFired: Int { state.withLockedValue { $0.fired } }

    /// A number below the limit, by the plan's seed.
    func chance(below limit: Int) -> Int { state.withLockedValue { Int.random(in: 0..<limit, using: &$0.random) } }
}

extension RulePlan where Rule: PlannedRule {
    /// The rules that hit, in their order, of those that match: all of them, or the first.
    func hits(_ isFirstOnly: Bool, _ matches: (Rule) -> Bool) -> [Rule] {
        state.withLockedValue { state in
            var hits: [Rule] = []
            for index in state.accounts.indices where matches(state.accounts[index].rule) {
                let rule = state.accounts[index].rule
                guard state.accounts[index].count.hits(rule.occurrence, &state.random) else { continue }
                state.fired += 1
                hits.append(rule)
                if isFirstOnly { break }
            }
            return hits
        }
    }
}
