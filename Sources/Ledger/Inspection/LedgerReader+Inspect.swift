import Foundation
import GRDB
import IngestionModel
import SpoolPrimitives

/// What `kusto-spool fsck` asks: every answer is bounded, and nothing is changed.
extension LedgerReader {
    /// A row as a comparison sees it.
    package enum Inspected: Sendable {
        case source(Entry)
        /// Its columns contradict each other, or it belongs to no spool.
        case damaged(row: Int64)

        package var row: Int64 {
            switch self {
            case .source(let entry): entry.source.id.row
            case .damaged(let row): row
            }
        }
    }

    /// The numbers that the ledger gives.
    package struct Numbers: Sendable, Hashable {
        /// The next event's; nil where the row of it is missing.
        package var nextSeq: Int64?
        /// The first and the last event that the journal has not got by the ledger's knowledge; nil for none.
        package var outbox: ClosedRange<Int64>?
        /// The highest row that was ever made.
        package var lastRow: Int64
    }

    /// What SQLite itself says of the file: nothing where it is whole. Reads all of it.
    package func integrityProblems(limit: Int = 100) throws(LedgerError) -> [String] {
        try reading { db in try String.fetchAll(db, sql: "PRAGMA integrity_check(\(limit))").filter { $0 != "ok" } }
    }

    package func numbers() throws(LedgerError) -> Numbers {
        try reading { db in
            let outbox = try Row.fetchOne(db, sql: "SELECT min(first_seq), max(last_seq) FROM outbox")
            let first: Int64? = outbox?[0]
            let last: Int64? = outbox?[1]
            return Numbers(
                nextSeq: try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'next_seq'"),
                outbox: first.flatMap { first in last.flatMap { first <= $0 ? first...$0 : nil } },
                lastRow: try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'sources'") ?? 0)
        }
    }

    /// Every row, in the order of their numbers.
    package func rows(after row: Int64, limit: Int) throws(LedgerError) -> [Inspected] {
        try inspect("row > ?", [row], limit: limit)
    }

    /// The rows of these numbers that are there.
    package func rows(_ numbers: [Int64]) throws(LedgerError) -> [Inspected] {
        if numbers.isEmpty { return [] }
        return try inspect(
            "row IN (\(numbers.map { _ in "?" }.joined(separator: ", ")))", StatementArguments(numbers), limit: numbers.count)
    }

    /// Which rows of a spool have these files, whatever their state is: by their claim and name. A pass over the table.
    package func rows(ofNames names: [String], spool: String) throws(LedgerError) -> [Inspected] {
        if names.isEmpty { return [] }
        let alone = try inspect(
            "spools.path = ? AND name IN (\(names.map { _ in "?" }.joined(separator: ", ")))", [spool] + StatementArguments(names),
            limit: 10_000)
        return alone + (try coalesced(names: Set(names), spool: spool)).map(Inspected.source)
    }

    /// The file that a row believes to be in failed/ at this path, for its reason. A pass over the table.
    package func row(inFailed path: String, spool: String) throws(LedgerError) -> Entry? {
        let found = try inspect(
            "spools.path = ? AND sources.path = ? AND location = \(LocationCode.failed.rawValue)", [spool, path], limit: 1)
        if case .source(let entry)? = found.first { return entry }
        return try findCoalesced(file: "\(spool)/\(path)", limit: 1).first
    }

    /// A claim and a name in it of a file that its row believes to be in `.active`.
    package struct ActiveName: Sendable {
        package var row: Int64
        package var claim: String
        package var name: String
    }

    /// Those of a spool whose rows carry one file, in the order of the rows' numbers.
    package func activeNames(spool: String, after row: Int64, limit: Int) throws(LedgerError) -> [ActiveName] {
        try reading { db in
            let alone = try db.tableExists("segments") ? "AND members IS NULL" : ""
            let sql = """
                SELECT row, claim, name FROM sources JOIN spools ON spools.number = sources.spool
                WHERE row > ? AND spools.path = ? AND location = 0 AND superseded_by IS NULL \(alone) ORDER BY row LIMIT ?
                """
            return try Row.fetchAll(db, sql: sql, arguments: [row, spool, limit]).map { ActiveName(row: $0[0], claim: $0[1], name: $0[2]) }
        }
    }

    /// Those of a spool that are coalesced, whole by whole.
    package func forEachCoalescedActive(spool: String, _ look: ([ActiveName]) -> Void) throws(LedgerError) {
        try forEachWhole("spools.path = ?1 AND location = 0 AND superseded_by IS NULL", [spool]) { entry, manifest in
            let source = entry.source
            look(manifest.present.map { ActiveName(row: source.id.row, claim: source.file.claim, name: $0.segment.file.name) })
            return true
        }
    }

    /// How many files of a spool its rows believe to be in `.active`.
    package func activeCount(spool: String) throws(LedgerError) -> Int {
        try reading { db in
            let sql = """
                SELECT coalesce(sum(\(try members(db))), 0) FROM sources JOIN spools ON spools.number = sources.spool
                WHERE spools.path = ? AND location = 0 AND superseded_by IS NULL
                """
            return try Int.fetchOne(db, sql: sql, arguments: [spool]) ?? 0
        }
    }

    /// Events that the journal has not got, oldest first.
    package func outbox(after seq: Int64, limit: Int) throws(LedgerError) -> [OutboxEntry] {
        try reading { db in
            let sql = "SELECT first_seq, last_seq, lines FROM outbox WHERE first_seq > ? ORDER BY first_seq LIMIT ?"
            return try Row.fetchAll(db, sql: sql, arguments: [seq, limit]).map { row in
                let lines: Data = row[2]
                return OutboxEntry(firstSeq: row[0], lastSeq: row[1], lines: Array(lines))
            }
        }
    }

    private func inspect(_ condition: String, _ arguments: StatementArguments, limit: Int) throws(LedgerError) -> [Inspected] {
        let prefix = identity.prefix
        return try reading { db in
            let names = try NameTables(reading: db)
            let columns = try SourceColumns.qualifiedSelection(db)
            let sql = """
                SELECT \(columns), spools.path AS spool_path FROM sources LEFT JOIN spools ON spools.number = sources.spool
                WHERE \(condition) ORDER BY row LIMIT \(limit)
                """
            return try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
                guard let path: String = row[SourceColumns.count], let source = SourceColumns.decode(row, prefix: prefix, names: names)
                else {
                    return .damaged(row: row[0])
                }
                return .source(Entry(source: source, spool: path))
            }
        }
    }
}

extension SourceRow {
    /// Whether the index has the row under the work that its state and place ask for; one that it has elsewhere would wait for ever.
    package var isFiledRightly: Bool {
        let expected = Work.of(progress.state, at: location, deletesOnSuccess: false, now: claimedAt, deadline: nil).work
        // A file that changed after its post stays where it is, whatever its verdict wants.
        if case .settled = progress.state, work == .remembered { return true }
        return expected == work
    }
}
