import AzureStorage
import IngestionModel
import KustoIngest
import KustoWire
import Ledger
import SpoolPrimitives

/// Keeps the first half of a status: an entity that says `Pending`, inserted before the message that names it is posted (protocol.md §3.5).
struct StatusInserter: Sendable {
    let context: EngineContext

    /// The table for a source: the one that has its entity already, while it is lent to us; else any of the snapshot's, in turn by row number.
    ///
    /// - Returns: its URL without query; nil where none is lent.
    func table(for row: SourceRow) -> String? {
        guard let (snapshot, serverTime) = context.resources.present else { return nil }
        if let table = row.statusTable, snapshot.statusTable(table) != nil { return table }
        let tables = snapshot.statusTables.filter { $0.isValid(at: serverTime) }
        return tables.isEmpty ? nil : tables[Int(row.id.row % Int64(tables.count))].identity
    }

    /// Inserts the entity of a source. That it is there already is as good: an earlier attempt's, of which nobody heard.
    ///
    /// - Throws: what storage said; nothing is posted then.
    func insert(_ posting: CommittedPosting, into table: StorageResource) async throws(StorageError) {
        let id = posting.source.description
        let name = SourceBlobName.make(
            instance: context.ledger.identity.instance, id: posting.source, attempt: posting.blob.attempt,
            format: posting.properties.format, encoding: posting.blob.encoding)
        let blob = SecretURL("\(posting.blob.container)/\(name)") ?? table.url
        let entity = TableEntity(
            key: TableKey(partition: id, row: id),
            properties: IngestionStatus.pending(sourceID: id, blob: blob, properties: posting.properties, at: context.time.wallNow))
        do throws(StorageError) {
            try await context.tables.insert(entity, into: table.url, clientRequestID: context.requestID())
        } catch {
            if error.code == .entityAlreadyExists { return }
            if Disposition(ofStorage: error.fault) == .refreshSnapshot { await context.resources.refused(table) }
            throw error
        }
    }
}
