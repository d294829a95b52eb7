/// What the ledger has to know of a spool's configuration.
package struct RouteOfSpool: Sendable, Hashable {
    package var database: String
    package var table: String
    /// Whether a reported success removes the file instead of moving it to done/.
    package var deletesOnSuccess: Bool

    package init(database: String, table: String, deletesOnSuccess: Bool) {
        self.database = database
        self.table = table
        self.deletesOnSuccess = deletesOnSuccess
    }
}
