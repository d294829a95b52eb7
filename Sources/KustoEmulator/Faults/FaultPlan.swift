/// The faults in force. The first rule that hits a request decides.
package typealias FaultPlan = RulePlan<FaultRule>

extension FaultRule: PlannedRule {}

extension RulePlan<FaultRule> {
    func decide(_ endpoint: Endpoint, _ name: (account: String, resource: String)?) -> FaultAction? {
        hits(true) { $0.matches(endpoint, name) }.first?.action
    }
}
