/// What an operator asked for with a command, while the daemon runs or not: a row that the daemon's housekeeping reads.
package struct OperatorRequest: Sendable, Hashable {
    package enum Verb: String, Sendable, Hashable {
        case retry
        case settleSucceeded = "settle_succeeded"
        case settleFailed = "settle_failed"
    }

    package var number: Int64
    package var row: Int64
    /// Nil for a verb that this version does not know.
    package var verb: Verb?
}
