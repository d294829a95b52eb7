import Ledger

/// Fresh rows of one spool that were read from the ledger ahead of their turn: one query serves many files, and those on their way are read over
/// once a batch and not once a file.
///
/// Nothing but the scheduler changes a fresh row, so that one which waits here is still fresh when its turn comes.
struct FreshRows: Sendable {
    private var rows: ArraySlice<SourceRow> = []

    var isEmpty: Bool { rows.isEmpty }

    mutating func refill(_ rows: [SourceRow]) { self.rows = rows[...] }

    mutating func take(atMost count: Int) -> ArraySlice<SourceRow> {
        let taken = rows.prefix(count)
        rows.removeFirst(taken.count)
        return taken
    }
}
