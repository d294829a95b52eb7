import Foundation
import GRDB
import IngestionModel
package import KustoWire
package import SpoolPrimitives

/// What the engine asks of the ledger. Every answer is bounded by its `limit`: the backlog never stands in memory.
extension Ledger {
    /// Where a row stands among those of its kind of work.
    package struct Place: Sendable, Hashable {
        package var due: Timestamp
        package var row: Int64

        package init(_ row: SourceRow) {
            due = row.due
            self.row = row.id.row
        }
    }

    /// Rows of one kind of work in a spool, earliest first.
    ///
    /// - Parameters:
    ///   - before: due at this instant or earlier.
    ///   - after: only rows behind this place in their order; not together with `methods`.
    ///   - methods: only sources whose message asks for these reports; of whatever method where it is nil.
    package func rows(
        _ work: Work, spool: SpoolKey, before: Timestamp = Timestamp(microseconds: .max), after: Place? = nil,
        reporting methods: Set<ReportMethod>? = nil, limit: Int
    ) async throws(LedgerError) -> [SourceRow] {
        try await read { db, writer in
            if writer.counts.of(work, spool) == 0, work != .remembered { return [] }
            var condition = ""
            if let methods {
                guard let reports = writer.names.condition(reporting: methods) else { return [] }
                condition = "AND \(reports)"
            }
            // The index alone tells the numbers, and most of the rows were written a moment ago.
            if methods == nil { return try writer.due(work, spool, before: before, after: after, limit: limit, db) }
            let statement = try db.cachedStatement(
                sql: "SELECT row FROM sources WHERE work = ? AND spool = ? AND due <= ? \(condition) ORDER BY due, row LIMIT ?")
            return try Int64.fetchAll(statement, arguments: [work.rawValue, spool.number, before.microseconds, limit]).compactMap {
                try writer.fetch($0, db)
            }
        }
    }

    /// Rows that were being posted when the last run ended, of whatever spool.
    package func interruptedPosts(limit: Int) async throws(LedgerError) -> [SourceRow] {
        try await read { db, writer in
            let sql = "SELECT \(SourceColumns.selection) FROM sources WHERE work = ? LIMIT ?"
            return try Row.fetchAll(db, sql: sql, arguments: [Work.posting.rawValue, limit]).compactMap {
                SourceColumns.decode($0, prefix: writer.identity.prefix, names: writer.names)
            }
        }
    }

    /// Rows that are held for their route's sake.
    package func routeHeld(spool: SpoolKey, limit: Int) async throws(LedgerError) -> [SourceRow] {
        try await read { db, writer in
            if writer.counts.of(.held, spool) == 0 { return [] }
            let sql = "SELECT \(SourceColumns.selection) FROM sources WHERE work = ? AND spool = ? AND hold = ? LIMIT ?"
            let arguments: StatementArguments = [Work.held.rawValue, spool.number, HoldReason.route.rawValue, limit]
            return try Row.fetchAll(db, sql: sql, arguments: arguments).compactMap {
                SourceColumns.decode($0, prefix: writer.identity.prefix, names: writer.names)
            }
        }
    }

    /// Rows with work left in spools that are not among these: their configuration was removed.
    package func strandedCount(otherThan spools: [SpoolKey]) async throws(LedgerError) -> [String: Int] {
        try await read { _, writer in writer.counts.perSpool(otherThan: Set(spools), names: writer.names) }
    }

    /// One row by its number.
    package func row(_ number: Int64) async throws(LedgerError) -> SourceRow? {
        try await read { db, writer in try writer.fetch(number, db) }
    }

    /// The files of a coalesced source.
    ///
    /// - Throws: where the ledger has none that can be read.
    package func manifest(of row: SourceRow) async throws(LedgerError) -> SegmentManifest {
        try await read { db, writer in try writer.manifest(of: row, db) }
    }

    /// How many files there are of each kind of work, remembered ones aside.
    package func counts() async throws(LedgerError) -> [Work: Int] {
        try await read { _, writer in writer.counts.total }
    }

    /// How many files of a kind of work a spool has.
    package func count(_ work: Work, spool: SpoolKey) async throws(LedgerError) -> Int {
        try await read { _, writer in writer.counts.of(work, spool) }
    }

    /// The earliest due time behind `now` of a kind of work in a spool, or nil when there is none.
    package func earliestDue(_ work: Work, spool: SpoolKey, after now: Timestamp) async throws(LedgerError) -> Timestamp? {
        try await read { db, writer in
            if writer.counts.of(work, spool) == 0 { return nil }
            let statement = try db.cachedStatement(sql: "SELECT min(due) FROM sources WHERE work = ? AND spool = ? AND due > ?")
            return try Int64.fetchOne(statement, arguments: [work.rawValue, spool.number, now.microseconds])
                .map(Timestamp.init(microseconds:))
        }
    }

    /// When the first file of a kind of work was claimed; nil when the spool has no such row. A pass over the rows of that work.
    package func earliestClaim(_ work: Work, spool: SpoolKey) async throws(LedgerError) -> Timestamp? {
        try await read { db, writer in
            if writer.counts.of(work, spool) == 0 { return nil }
            let statement = try db.cachedStatement(sql: "SELECT min(claimed_at) FROM sources WHERE work = ? AND spool = ?")
            return try Int64.fetchOne(statement, arguments: [work.rawValue, spool.number]).map(Timestamp.init(microseconds:))
        }
    }

    /// The number that the next event gets: the journal must not have it yet.
    package func nextSeq() async throws(LedgerError) -> Int64 {
        try await read { _, writer in writer.nextSeq }
    }

    /// How many files of each claim the ledger believes in `.active`: one pass over the rows with work left, one entry a claim.
    package func activeCounts(spool: SpoolKey) async throws(LedgerError) -> [String: Int] {
        try await read { db, _ in
            var counts: [String: Int] = [:]
            let sql = "SELECT claim, sum(coalesce(members, 1)) FROM sources WHERE \(Self.isActive) GROUP BY claim"
            for row in try Row.fetchAll(db, sql: sql, arguments: [spool.number]) { counts[row[0]] = row[1] }
            return counts
        }
    }

    /// Rows of a spool whose message has not been taken yet, or perhaps not: those whose file may still be read. In the order of their numbers.
    package func unposted(spool: SpoolKey, after row: Int64, limit: Int) async throws(LedgerError) -> [SourceRow] {
        try await read { db, writer in
            let sql =
                "SELECT \(SourceColumns.selection) FROM sources WHERE work IN (1, 2, 3, 6) AND spool = ? AND row > ? ORDER BY row LIMIT ?"
            return try Row.fetchAll(db, sql: sql, arguments: [spool.number, row, limit]).compactMap {
                SourceColumns.decode($0, prefix: writer.identity.prefix, names: writer.names)
            }
        }
    }

    /// Rows of a spool that own their file and believe it in `.active`. None of them is remembered only, so that the index finds them.
    private static let isActive = "work < \(Work.remembered.rawValue) AND spool = ? AND location = 0 AND superseded_by IS NULL"

    /// The rows of a claim that own their file and believe it in `.active`. A pass over the rows with work left.
    package func activeRows(claim: String, spool: SpoolKey) async throws(LedgerError) -> [SourceRow] {
        try await read { db, writer in
            let sql = "SELECT \(SourceColumns.selection) FROM sources WHERE \(Self.isActive) AND claim = ?"
            return try Row.fetchAll(db, sql: sql, arguments: [spool.number, claim]).compactMap {
                SourceColumns.decode($0, prefix: writer.identity.prefix, names: writer.names)
            }
        }
    }

    /// The names of a claim's files that the ledger knows: for finding the others after a crash. A pass over the table.
    package func knownNames(claim: String, spool: SpoolKey) async throws(LedgerError) -> Set<String> {
        try await read { db, writer in
            let sql = "SELECT \(SourceColumns.selection) FROM sources WHERE spool = ? AND claim = ?"
            var names: Set<String> = []
            for row in try Row.fetchAll(db, sql: sql, arguments: [spool.number, claim]) {
                guard let row = SourceColumns.decode(row, prefix: writer.identity.prefix, names: writer.names) else { continue }
                if row.isCoalesced {
                    names.formUnion(try writer.manifest(of: row, db).segments.map(\.file.name))
                } else {
                    names.insert(row.file.name)
                }
            }
            return names
        }
    }

    /// What operators have asked for by `kusto-spool retry` and `settle`, oldest first.
    package func requests(limit: Int = 256) async throws(LedgerError) -> [OperatorRequest] {
        try await read { db, _ in
            let statement = try db.cachedStatement(sql: "SELECT number, row, verb FROM requests ORDER BY number LIMIT ?")
            return try Row.fetchAll(statement, arguments: [limit]).map { row in
                OperatorRequest(number: row[0], row: row[1], verb: (row[2] as String?).flatMap(OperatorRequest.Verb.init(rawValue:)))
            }
        }
    }

    /// Events that the journal has not got, oldest first, whole commits at a time.
    ///
    /// - Parameter limit: stop after the commit that exceeds this many bytes.
    package func outbox(limit: ByteCount) async throws(LedgerError) -> [OutboxEntry] {
        try await read { db, _ in
            var entries: [OutboxEntry] = []
            var total = 0
            let statement = try db.cachedStatement(sql: "SELECT first_seq, last_seq, lines FROM outbox ORDER BY first_seq")
            let cursor = try Row.fetchCursor(statement)
            while total < limit.bytes, let row = try cursor.next() {
                let lines: Data = row[2]
                total += lines.count
                entries.append(OutboxEntry(firstSeq: row[0], lastSeq: row[1], lines: Array(lines)))
            }
            return entries
        }
    }

    /// How the ledger's own connection flushes: `PRAGMA synchronous` (2 is FULL), `journal_mode` and `wal_autocheckpoint` (0 is none).
    package func durability() async throws(LedgerError) -> (synchronous: Int?, journalMode: String?, autocheckpoint: Int?) {
        try await read { db, _ in
            (
                try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint")
            )
        }
    }

    /// Bounds the file to so many pages: beyond them a commit fails as on a full disk.
    package func limitPages(to count: Int) async throws(LedgerError) {
        try await read { db, _ in _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(count)") }
    }
}
