/// What the ledger has to know of a spool's configuration.
package struct RouteOfSpool: Sendable, Hashable {
    package var database: String
    package var table: String
    /// Whether a reported success removes the file instead of moving it to done/.
    package var deletesOnSuccess: Bool
    /// How long the service may stay silent after it said that it goes on by itself.
    package var verdictDeadline: Duration

    package init(database: String, table: String, deletesOnSuccess: Bool, verdictDeadline: Duration) {
        self.verdictDeadline = verdictDeadline
        self.database = database
        self.table = table
        self.deletesOnSuccess = deletesOnSuccess
    }
}
