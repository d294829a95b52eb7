/// The rules about verdicts in force. Unlike a request, a verdict is hit by every rule that says so, one after the other.
package typealias NotificationPlan = RulePlan<NotificationRule>

extension NotificationRule: PlannedRule {}

extension RulePlan<NotificationRule> {
    func decide(_ verdict: Verdict) -> [NotificationRule.Action] { hits(false) { $0.matches(verdict) }.map(\.action) }
}
