/// syslog's levels, by who must act (style.md, rule 12).
package enum JournalPriority: Int, Sendable, Hashable {
    /// Someone must act.
    case error = 3
    /// Degraded and healing.
    case warning = 4
    /// A file changed hands, or the daemon its state.
    case notice = 5
    /// A summary.
    case info = 6
    /// For us.
    case debug = 7
}
