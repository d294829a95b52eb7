/// One thing that goes wrong with verdicts on purpose: with which, when, and what.
package struct NotificationRule: Sendable {
    /// How a verdict is told.
    package enum Method: String, Sendable, CaseIterable {
        case queue
        case table
    }

    /// What happens to a verdict.
    package enum Action: Sendable {
        /// It comes that much later, by the emulator's clock.
        case delay(Duration)
        /// It comes so many times more.
        case duplicate(Int)
        /// It never comes.
        case lose
        /// It comes only when so many others have come after it, or when the time is over.
        case reorder(behind: Int, atMost: Duration)
        /// Another verdict of the same source that says the opposite comes with it, before or behind it by chance.
        case contradict
        /// So many notifications of other clients' sources come before it.
        case foreign(Int)
        /// It has members of which nobody has heard.
        case unknownFields
        /// Its numbers and truth values are texts, and its words are numbers.
        case otherTypes
        /// What comes in its place cannot be read: not base64, not JSON, or not an object, by chance.
        case garbage
    }

    /// Only failures, or only successes; nil means both.
    package var isFailure: Bool?
    /// Only those told so; nil means both ways.
    package var method: Method?
    /// Only those of that table.
    package var table: String?
    /// Which of them.
    package var occurrence: FaultRule.Occurrence
    /// What happens.
    package var action: Action

    /// A rule.
    package init(
        isFailure: Bool? = nil, method: Method? = nil, table: String? = nil, when occurrence: FaultRule.Occurrence = .always, action: Action
    ) {
        self.isFailure = isFailure
        self.method = method
        self.table = table
        self.occurrence = occurrence
        self.action = action
    }

    func matches(_ verdict: Verdict) -> Bool {
        if let isFailure, isFailure != (verdict.notification.failure != nil) { return false }
        if let method, method != verdict.method { return false }
        if let table, table != verdict.notification.table { return false }
        return true
    }
}
