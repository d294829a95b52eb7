/// What the ledger's thread publishes after each transaction, to be read without a hop to it: what every file would else ask for.
package struct LedgerFigures: Sendable {
    var counts = WorkCounts()
    /// How many events the journal has not got: what an unwritable journal lets grow (protocol.md §7).
    package var pendingEvents: Int64 = 0
    /// Rows written, changed and deleted since the ledger was opened, as SQLite counts them.
    package var rowOperations = 0
    /// Rows handed out as work to do since the ledger was opened, whether from memory or not.
    package var rowsHandedOut = 0
    /// Rows made since the ledger was opened: as long as it stands still, nothing fresh has come.
    package var insertions: UInt64 = 0

    /// How many files of a kind of work a spool has; none are counted of those that are only remembered.
    package func count(_ work: Work, of spool: SpoolKey) -> Int { counts.of(work, spool) }

    /// How many files there are of each kind of work, remembered ones aside.
    package var total: [Work: Int] { counts.total }

    /// How many files of a spool have been claimed and are not posted: what its admission is bounded by.
    package func unposted(of spool: SpoolKey) -> Int {
        [Work.fresh, .deferred, .posting, .held].reduce(0) { $0 + counts.of($1, spool) }
    }
}
