import Foundation
import GRDB
package import IngestionModel
package import SpoolPrimitives

/// The commands' view of a ledger, with the daemon running or not: read-only but for the operator's requests, in short transactions, so
/// that the daemon's checkpoints are never held up for long.
package struct LedgerReader: Sendable {
    /// A source with the path of its spool.
    package struct Entry: Sendable {
        package var source: SourceRow
        package var spool: String
        /// How many other files travel in its source, where this is one of several.
        package var companions = 0
    }

    package let identity: LedgerIdentity
    private let path: String
    private let queue: DatabaseQueue

    /// - Parameter path: of the ledger, which must exist.
    package init(path: String) throws(LedgerError) {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            queue = try DatabaseQueue(path: path, configuration: configuration)
            identity = try queue.read { db in
                guard try db.tableExists("meta") else {
                    throw LedgerError(
                        .unmade, operation: "reading the ledger \(path)",
                        detail:
                            "it has no tables yet; the daemon is making it at this moment, or its first start was cut off. Try again when it runs"
                    )
                }
                guard let uuid = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'uuid'"),
                    let prefix = try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'prefix'")
                else { throw LedgerError(.unusable, operation: "reading the ledger \(path)", detail: "its identity is incomplete") }
                let run = try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'run'") ?? 0
                return LedgerIdentity(
                    uuid: uuid, prefix: SourceID.Prefix(bits: UInt64(bitPattern: prefix)), run: Int32(truncatingIfNeeded: run))
            }
        } catch {
            throw LedgerError(error, operation: "reading the ledger \(path)")
        }
    }

    /// How many files there are of each spool and kind of work.
    package func counts() throws(LedgerError) -> [(spool: String, work: Work, count: Int)] {
        try reading { db in
            let sql = """
                SELECT spools.path, work, sum(\(try members(db))) FROM sources JOIN spools ON spools.number = sources.spool
                WHERE superseded_by IS NULL GROUP BY spools.path, work ORDER BY spools.path, work
                """
            return try Row.fetchAll(db, sql: sql).compactMap { row in Work(rawValue: row[1]).map { (row[0], $0, row[2]) } }
        }
    }

    /// How many files of each verdict are remembered, by spool.
    package func verdicts() throws(LedgerError) -> [(spool: String, verdict: Verdict, count: Int)] {
        try reading { db in
            let sql = """
                SELECT spools.path, verdict, sum(\(try members(db))) FROM sources JOIN spools ON spools.number = sources.spool
                WHERE verdict IS NOT NULL GROUP BY spools.path, verdict ORDER BY spools.path, verdict
                """
            return try Row.fetchAll(db, sql: sql).compactMap { row in Verdict(rawValue: row[1]).map { (row[0], $0, row[2]) } }
        }
    }

    /// How many events wait for the journal.
    package func outboxCount() throws(LedgerError) -> Int {
        try reading { db in try Int.fetchOne(db, sql: "SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM outbox") ?? 0 }
    }

    /// The sources of files with this name or path, newest first. Looks at every row.
    ///
    /// - Parameter file: a name as dropped, a path below the spool's root, where the file is now, or an absolute path.
    package func find(file: String, limit: Int = 100) throws(LedgerError) -> [Entry] {
        let alone = try findAlone(file: file, limit: limit)
        let coalesced = try findCoalesced(file: file, limit: limit)
        if coalesced.isEmpty { return alone }
        return Array((alone + coalesced).sorted { $0.source.id.row > $1.source.id.row }.prefix(limit))
    }

    private func findAlone(file: String, limit: Int) throws(LedgerError) -> [Entry] {
        try entries(
            """
            name = ?1 OR (directory <> '' AND directory || '/' || name = ?1) OR sources.path = ?1
                OR spools.path || '/' || sources.path = ?1 OR spools.path || '/' || name = ?1
                OR spools.path || '/' || directory || '/' || name = ?1
            """, arguments: [file], limit: limit)
    }

    /// The source with this number.
    package func find(row: Int64) throws(LedgerError) -> Entry? { try entries("row = ?1", arguments: [row], limit: 1).first }

    /// Sources that wait for an operator: held and unconfirmed ones.
    package func waitingForOperator(limit: Int) throws(LedgerError) -> [Entry] {
        try entries("work IN (?1, ?2)", arguments: [Work.held.rawValue, Work.resting.rawValue], limit: limit)
    }

    /// Leaves a request for the daemon.
    package func request(_ verb: OperatorRequest.Verb, row: Int64, at: Timestamp) throws(LedgerError) {
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { db in
                WriteAheadLog.keep(db)
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            }
            let writer = try DatabaseQueue(path: path, configuration: configuration)
            try writer.write { db in
                try db.execute(
                    sql: "INSERT INTO requests (row, verb, at) VALUES (?, ?, ?)", arguments: [row, verb.rawValue, at.microseconds])
            }
            try writer.close()
        } catch {
            throw LedgerError(error, operation: "leaving a request in the ledger \(path)")
        }
    }

    private func entries(_ condition: String, arguments: StatementArguments, limit: Int) throws(LedgerError) -> [Entry] {
        let prefix = identity.prefix
        return try reading { db in
            let names = try NameTables(reading: db)
            let columns = try SourceColumns.qualifiedSelection(db)
            let sql = """
                SELECT \(columns), spools.path FROM sources JOIN spools ON spools.number = sources.spool
                WHERE \(condition) ORDER BY row DESC LIMIT \(limit)
                """
            return try Row.fetchAll(db, sql: sql, arguments: arguments).compactMap { row in
                SourceColumns.decode(row, prefix: prefix, names: names).map { Entry(source: $0, spool: row[SourceColumns.count]) }
            }
        }
    }

    /// A short transaction of its own.
    func reading<Value>(_ query: (Database) throws -> Value) throws(LedgerError) -> Value {
        do {
            return try queue.read(query)
        } catch {
            throw LedgerError(error, operation: "reading the ledger \(path)")
        }
    }
}
