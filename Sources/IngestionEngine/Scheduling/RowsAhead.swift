import IngestionModel
import Ledger
import SpoolPrimitives

/// Rows of one spool and kind of work, fresh or deferred, that were read from the ledger ahead of their turn: one query serves many files, so that those on
/// their way, which are fresh or deferred until their post, are not read over and over.
///
/// Hardly anything but the scheduler changes such a row. What an operator settles while it waits here is uploaded for nothing; the ledger refuses its post.
struct RowsAhead: Sendable {
    private var rows: ArraySlice<SourceRow> = []
    private var place: Ledger.Place?
    private var nextSearch: Duration?
    /// How many rows the ledger had made when a search found the last of them.
    private var exhaustedAt: UInt64?

    var isEmpty: Bool { rows.isEmpty }

    /// Where to look for more.
    enum Search: Sendable {
        /// Among all of them, now and then: a clock that was set back puts new rows in front of old ones.
        case everywhere
        case behind(Ledger.Place)
        /// Nowhere: nothing has come since all were found.
        case no
    }

    /// - Parameters:
    ///   - now: of the monotonic clock.
    ///   - insertions: how many rows the ledger has made.
    mutating func search(at now: Duration, insertions: UInt64) -> Search {
        guard let nextSearch, now < nextSearch else {
            self.nextSearch = now + .seconds(1)
            return .everywhere
        }
        if exhaustedAt == insertions { return .no }
        return place.map { .behind($0) } ?? .everywhere
    }

    /// - Parameters:
    ///   - rows: that nobody works on.
    ///   - last: of those that were read, whoever works on it.
    ///   - insertions: how many rows the ledger had made before it was asked, where it had no more than these.
    mutating func refill(_ rows: [SourceRow], last: SourceRow?, exhaustedAt insertions: UInt64?) {
        self.rows = rows[...]
        if let last { place = Ledger.Place(last) }
        exhaustedAt = insertions
    }

    mutating func take(atMost count: Int) -> ArraySlice<SourceRow> {
        let taken = rows.prefix(count)
        rows.removeFirst(taken.count)
        return taken
    }
}
