import IngestionModel
import Ledger
import SpoolPrimitives

/// Fresh rows of one spool that were read from the ledger ahead of their turn: one query serves many files, and begins where the last one ended, so that
/// those on their way, which are fresh until their post, are not read over and over.
///
/// Nothing but the scheduler changes a fresh row, so that one which waits here is still fresh when its turn comes.
struct FreshRows: Sendable {
    private var rows: ArraySlice<SourceRow> = []
    private var place: Ledger.Place?
    private var nextSearch: Duration?

    var isEmpty: Bool { rows.isEmpty }

    /// Behind which to look; nil, now and then, for all of them: a clock that was set back puts new rows in front of old ones.
    ///
    /// - Parameter now: of the monotonic clock.
    mutating func placeToReadFrom(at now: Duration) -> Ledger.Place? {
        guard let nextSearch, now < nextSearch else {
            self.nextSearch = now + .seconds(1)
            return nil
        }
        return place
    }

    /// - Parameters:
    ///   - rows: that nobody works on.
    ///   - last: of those that were read, whoever works on it.
    mutating func refill(_ rows: [SourceRow], last: SourceRow?) {
        self.rows = rows[...]
        if let last { place = Ledger.Place(last) }
    }

    mutating func take(atMost count: Int) -> ArraySlice<SourceRow> {
        let taken = rows.prefix(count)
        rows.removeFirst(taken.count)
        return taken
    }
}
