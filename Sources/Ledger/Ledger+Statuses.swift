import GRDB
import IngestionModel
package import SpoolPrimitives

/// What the reader of status tables asks of the ledger.
extension Ledger {
    /// The rows that have an entity in a status table, from the first to the last.
    package struct StatusRange: Sendable, Hashable {
        /// The table's URL without query.
        package var table: String
        package var rows: ClosedRange<Int64>
    }

    /// Where entities of ours are that have still to be read or removed; two looks into an index for each table.
    package func statusRanges() async throws(LedgerError) -> [StatusRange] {
        try await read { db, writer in
            let sql = """
                SELECT (SELECT min(row) FROM sources WHERE status_table = ?1), (SELECT max(row) FROM sources WHERE status_table = ?1)
                """
            let statement = try db.cachedStatement(sql: sql)
            return try writer.names.containers.sorted { $0.key < $1.key }.compactMap { number, url in
                guard let row = try Row.fetchOne(statement, arguments: [number]), let first: Int64 = row[0], let last: Int64 = row[1] else {
                    return nil
                }
                return StatusRange(table: url, rows: first...last)
            }
        }
    }

    /// These rows, as far as they are there.
    package func rows(numbered numbers: [Int64]) async throws(LedgerError) -> [Int64: SourceRow] {
        try await read { db, writer in
            var rows: [Int64: SourceRow] = [:]
            for number in numbers { rows[number] = try writer.fetch(number, db) }
            return rows
        }
    }

    /// Rows that have nothing left to do since that instant or earlier, and whose entity is still in its table: nothing was ever written into it, or it was
    /// kept for a second message's sake. A pass over the rows that have entities.
    package func statusLeftovers(since: Timestamp, limit: Int) async throws(LedgerError) -> [SourceRow] {
        try await read { db, writer in
            let sql = """
                SELECT \(SourceColumns.selection) FROM sources WHERE status_table IS NOT NULL AND work = ? AND due <= ? LIMIT ?
                """
            let arguments: StatementArguments = [Work.remembered.rawValue, (since + Ledger.remembrance).microseconds, limit]
            return try Row.fetchAll(db, sql: sql, arguments: arguments).compactMap {
                SourceColumns.decode($0, prefix: writer.identity.prefix, names: writer.names)
            }
        }
    }

    /// Unconfirmed sources of a spool that were decided behind an instant, in the order of their numbers.
    package func unconfirmed(
        spool: SpoolKey, since: Timestamp, after row: Int64, limit: Int
    ) async throws(LedgerError) -> [SourceRow] {
        try await read { db, writer in
            if writer.counts.of(.resting, spool) == 0 { return [] }
            let sql = """
                SELECT \(SourceColumns.selection) FROM sources WHERE work = ? AND spool = ? AND verdict = ? AND decided_at > ? AND row > ?
                ORDER BY row LIMIT ?
                """
            let arguments: StatementArguments = [
                Work.resting.rawValue, spool.number, Verdict.unconfirmed.rawValue, since.microseconds, row, limit,
            ]
            return try Row.fetchAll(db, sql: sql, arguments: arguments).compactMap {
                SourceColumns.decode($0, prefix: writer.identity.prefix, names: writer.names)
            }
        }
    }

    /// Whether a source was posted whose reports come by queue, has no verdict, and may still get one: a notification lives seven days. A pass over the
    /// rows with work left.
    package func awaitsQueueReports(at now: Timestamp) async throws(LedgerError) -> Bool {
        try await read { db, writer in
            guard let reports = writer.names.condition(reporting: ReportChannel.queues.methods) else { return false }
            // Ambiguous sources of a lost ledger have no properties: nothing that is reported would be known as theirs.
            let sql = """
                SELECT 1 FROM sources WHERE work IN (2, 3, 4, 5, 6, 8) AND posts > 0 AND properties IS NOT NULL AND \(reports)
                    AND (work <> 8 OR decided_at > ?) LIMIT 1
                """
            return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [(now - .seconds(7 * 86_400)).microseconds]) != nil
        }
    }
}

extension LedgerWriter {
    /// Where reports were not read for longer than this, the time does not count.
    static let readingGap: Duration = .seconds(900)

    /// Reports were read to their end. Deadlines that ran while nobody read them are put off by that time: a source has its whole deadline with
    /// somebody who listens, whatever else was out of order (protocol.md §5).
    func readReports(of channel: ReportChannel, began: Timestamp, _ db: Database) throws {
        let key = "read_\(channel.rawValue)"
        let previous = try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key])
        try db.execute(sql: "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", arguments: [key, began.microseconds])
        guard let previous else { return }
        let gap = began - Timestamp(microseconds: previous)
        guard gap > Self.readingGap, let reports = names.condition(reporting: channel.deadlineMethods) else { return }
        for (spool, route) in routes {
            // Not beyond a whole deadline from now: of what was posted during the gap, only the rest of the gap was missed.
            let latest = (began + route.verdictDeadline).microseconds
            try db.execute(
                sql: "UPDATE sources SET due = min(due + ?, ?) WHERE work = ? AND spool = ? AND due < ? AND \(reports)",
                arguments: [gap.microseconds, latest, Work.awaitingVerdict.rawValue, spool.number, latest])
            cache.removeAll()
        }
    }
}
