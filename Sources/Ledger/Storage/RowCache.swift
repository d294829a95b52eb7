import IngestionModel

/// Rows as the ledger's thread has just written them: the next event of a file mostly comes within moments, and then its row need not be read again.
///
/// Two generations, each bounded: when the young one is full it becomes the old one, and what nobody asked for since is let go.
final class RowCache {
    private static let generation = 2048
    private var young: [Int64: SourceRow] = [:]
    private var old: [Int64: SourceRow] = [:]

    func row(_ number: Int64) -> SourceRow? { young[number] ?? old[number] }

    func put(_ row: SourceRow) {
        if young.count >= Self.generation {
            old = young
            young = Dictionary(minimumCapacity: Self.generation)
        }
        young[row.id.row] = row
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
