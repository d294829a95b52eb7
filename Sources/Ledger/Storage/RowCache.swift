import IngestionModel

/// Rows as the ledger's thread has just written them: the next event of a file mostly comes within moments, and then its row need not be read again.
///
/// Two generations, each bounded: when the young one is full it becomes the old one, and what nobody asked for since is let go.
final class RowCache {
    /// A row is many words long; a table of references is small, and stays so while it grows.
    private final class Held {
        let row: SourceRow
        init(_ row: SourceRow) { self.row = row }
    }

    private static let generation = 4096
    /// How many rows were read as work to do: what a reader that asks for too much shows in.
    var handedOut = 0
    private var young: [Int64: Held] = [:]
    private var old: [Int64: Held] = [:]

    func row(_ number: Int64) -> SourceRow? { (young[number] ?? old[number])?.row }

    func put(_ row: SourceRow) {
        if young.count >= Self.generation {
            swap(&young, &old)
            young.removeAll(keepingCapacity: true)
        }
        young[row.id.row] = Held(row)
    }

    func remove(_ number: Int64) {
        young[number] = nil
        old[number] = nil
    }

    /// After whatever changed rows without saying which, an aborted transaction among them.
    func removeAll() {
        young = [:]
        old = [:]
    }
}
