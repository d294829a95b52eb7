import AzureStorage
import IngestionModel
import KustoIngest
import KustoWire
import Ledger
import Logging
import SpoolPrimitives

/// Reads what a status table says about our sources, a page at a time: verdicts are committed first, then the entities are removed.
///
/// The entities' keys are SourceIDs, whose order is that of the rows: all that is ours between the first and the last row is one range, and the service
/// is asked for what is not pending any more. However many files wait, that is one request, and one more for each thousand verdicts.
struct StatusTableReader: Sendable {
    let context: EngineContext
    let handler: NotificationHandler
    let isStopping: @Sendable () -> Bool

    struct Reading: Sendable {
        var found = 0
        /// Whether the range was read to its end.
        var isComplete = true
    }

    /// How long the entity of a source is kept behind a verdict that did not come from it, or that a second message may still better.
    private static let contradictionTime: Duration = .seconds(86_400)
    /// Entities of one request: each may have 64 KiB of text in it.
    private static let page = 256
    private static let usualPage: ByteCount = .kibibytes(512)
    private static let deletionsInFlight = 16

    func read(_ range: Ledger.StatusRange) async throws(LedgerError) -> Reading {
        var reading = Reading()
        guard let table = await context.snapshots.statusTable(range.table) else {
            // Its signature was never written down: after a restart nothing opens it any more, and its sources run into their deadline.
            return reading
        }
        let prefix = context.ledger.identity.prefix
        let ids =
            SourceID(prefix: prefix, row: range.rows.lowerBound)
            .description...SourceID(prefix: prefix, row: range.rows.upperBound).description
        let filter = TableFilter.partitions(ids)
            .and(IngestionStatus.pendingColumn.name, isNot: IngestionStatus.pendingColumn.value)
        var continuation: TableContinuation?
        repeat {
            if isStopping() || Task.isCancelled || !context.admission.allowsDraining {
                reading.isComplete = false
                return reading
            }
            context.checkOutbox()
            guard let loan = await context.reportMemory.borrow(Self.usualPage) else {
                reading.isComplete = false
                return reading
            }
            defer { loan.giveBack() }
            let page: TablePage
            do throws(StorageError) {
                page = try await context.tables.query(
                    table.url, filter, select: IngestionStatus.columns, atMost: Self.page, after: continuation,
                    clientRequestID: context.requestID())
            } catch {
                reading.isComplete = await failed(table, error)
                return reading
            }
            context.progress.moved()
            // The reply, what is read of it, and the events that tell of it.
            loan.become(ByteCount(3 * page.size.bytes))
            reading.found += try await handle(page.entities, in: table)
            continuation = page.continuation
        } while continuation != nil
        return reading
    }

    /// - Returns: whether the table counts as read to its end: one that has left the snapshot and is gone has nothing more to say.
    private func failed(_ table: StorageResource, _ error: StorageError) async -> Bool {
        let isRefused = Disposition(ofStorage: error.fault) == .refreshSnapshot
        if isRefused, context.snapshots.current?.statusTable(table.identity) == nil {
            context.logger.notice("a status table that the service has replaced is gone", metadata: ["table": "\(table)"])
            await context.snapshots.statusTableGone(table)
            return true
        }
        context.logger.warning("a status table cannot be read; its verdicts will come late", metadata: ["error": "\(error)"])
        if isRefused { await context.resources.refused(table) }
        return false
    }

    /// - Returns: how many of the entities had news.
    private func handle(_ entities: [TableEntity], in table: StorageResource) async throws(LedgerError) -> Int {
        let numbers = entities.compactMap { row(of: $0.key) }
        if numbers.isEmpty { return 0 }
        await context.hooks.at(.notificationRead)
        let rows = try await context.ledger.rows(numbered: numbers)
        var changes: [LedgerChange] = []
        var statuses: [IngestionStatus] = []
        for entity in entities {
            guard let number = row(of: entity.key), let row = rows[number], row.statusTable == table.identity else { continue }
            let status = IngestionStatus(entity.json)
            if case .other(let word) = status.kind {
                context.logger.warning(
                    "a status of an unknown kind is not a verdict", metadata: ["source": "\(row.id)", "status": "\(word)"])
            }
            guard let event = StatusVerdict.event(of: status, for: row, in: handler) else { continue }
            let note = StatusVerdict.note(on: status, for: row)
            changes.append(
                .source(SourceChange(row: number, event, at: context.time.wallNow, code: note?.code, reason: note?.reason)))
            statuses.append(status)
        }
        let outcomes = try await context.ledger.commit(changes)
        try await VerdictFollowUp(context: context).follow(outcomes, statuses.map(\.notification))
        await context.hooks.at(.verdictCommitted)
        try await remove(entities, from: table)
        await context.hooks.at(.notificationDeleted)
        return changes.count
    }

    private func row(of key: TableKey) -> Int64? {
        guard let id = SourceID(key.partition), id.prefix == context.ledger.identity.prefix else { return nil }
        return id.row
    }

    // MARK: - Removing

    /// Removes the entities that have said their last word. One that has said another since stays, and is heard again; one that cannot be removed is seen
    /// again and says nothing new.
    private func remove(_ entities: [TableEntity], from table: StorageResource) async throws(LedgerError) {
        let numbers = entities.compactMap { row(of: $0.key) }
        let rows = try await context.ledger.rows(numbered: numbers)
        let removable = entities.filter { entity in
            row(of: entity.key).map { number in rows[number].map { isDone(with: $0, in: table) } ?? true } ?? false
        }
        var removed: [Int64] = []
        for start in stride(from: 0, to: removable.count, by: Self.deletionsInFlight) {
            let some = removable[start..<min(start + Self.deletionsInFlight, removable.count)]
            let done = mayDelete(from: table) ? await delete(some.map { ($0.key, $0.etag) }, from: table) : some.map(\.key)
            removed += done.compactMap { row(of: $0) }
        }
        let letGo = removed.filter { rows[$0]?.statusTable == table.identity }
        _ = try await context.ledger.commit(letGo.map { .statusRemoved(row: $0) })
    }

    /// Whether nothing that the entity may still come to say matters: a success is the last word, and a failure is where only one message is about.
    private func isDone(with row: SourceRow, in table: StorageResource) -> Bool {
        guard row.statusTable == table.identity else { return true }
        switch row.progress.state {
        case .claimed, .posting, .queued, .ambiguous, .deferred, .held, .settled(.unconfirmed): return false
        case .settled(.succeeded), .settled(.skipped): return true
        case .settled(.failed), .settled(.presumed), .superseded:
            if row.progress.postsInDoubt == 0 { return true }
            // ``sweep()`` removes it when its time is over.
            return false
        }
    }

    /// Removes the entities of sources that have been done with for a day, and that nothing more will be read of.
    func sweep() async throws(LedgerError) {
        while !isStopping() {
            let rows = try await context.ledger.statusLeftovers(
                since: context.time.wallNow - Self.contradictionTime, limit: Self.deletionsInFlight)
            if rows.isEmpty { return }
            var changes: [LedgerChange] = []
            for (identity, rows) in Dictionary(grouping: rows, by: \.statusTable) {
                // A table that nothing opens any more keeps what is in it.
                guard let identity, let table = await context.snapshots.statusTable(identity), mayDelete(from: table) else {
                    changes += rows.map { .statusRemoved(row: $0.id.row) }
                    continue
                }
                let keys = rows.map { (TableKey(partition: $0.id.description, row: $0.id.description), String?.none) }
                changes += await delete(keys, from: table).compactMap { row(of: $0) }.map { .statusRemoved(row: $0) }
            }
            if changes.isEmpty { return }
            _ = try await context.ledger.commit(changes)
        }
    }

    /// Where the signature gives no right to delete, the row lets go of the entity all the same, and the service cleans up some day.
    private func mayDelete(from table: StorageResource) -> Bool { table.url.queryValue("sp")?.contains("d") ?? true }

    /// - Parameter entities: keys, and the states that may go; nil where every state may.
    /// - Returns: the keys of those that are gone.
    private func delete(_ entities: [(key: TableKey, etag: String?)], from table: StorageResource) async -> [TableKey] {
        await withTaskGroup(of: TableKey?.self, returning: [TableKey].self) { group in
            for (key, etag) in entities {
                group.addTask { [context] in
                    do throws(StorageError) {
                        try await context.tables.delete(key, etag: etag, of: table.url, clientRequestID: context.requestID())
                        return key
                    } catch {
                        if error.code == .resourceNotFound { return key }
                        context.logger.debug("a status could not be removed", metadata: ["error": "\(error)"])
                        return nil
                    }
                }
            }
            var deleted: [TableKey] = []
            for await key in group { if let key { deleted.append(key) } }
            return deleted
        }
    }
}
