import GRDB
import NIOConcurrencyHelpers

/// The tables that rows land in: one SQLite table for each, with the source of every row beside it.
///
/// Calls block. They come from the ingestor's queue and the query's queue, and from tests.
final class TableStore: Sendable {
    struct Name: Hashable, Sendable {
        let database: String
        let table: String
    }

    /// What is known of a table without asking SQLite.
    struct Schema: Sendable {
        let id: Int64
        var columns: [TableDefinition.Column]
        var isDeclared: Bool
        var tags: Set<String>
        var rows: Int
    }

    private let database: DatabaseQueue
    private let results = NIOLockedValueBox<[String: JSON]>([:])
    private let schemas = NIOLockedValueBox<[Name: Schema]>([:])

    init(path: String?) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            // The cloud does not lose data because an emulator was not durable: speed is worth more here.
            try database.execute(sql: "PRAGMA synchronous = OFF")
        }
        database = try path.map { try DatabaseQueue(path: $0, configuration: configuration) } ?? DatabaseQueue(configuration: configuration)
        try database.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS catalog (id INTEGER PRIMARY KEY, database TEXT NOT NULL, name TEXT NOT NULL, declared INTEGER NOT NULL,
                      counted INTEGER NOT NULL DEFAULT 0, UNIQUE (database, name));
                    CREATE TABLE IF NOT EXISTS columns (catalog INTEGER NOT NULL, ordinal INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
                      PRIMARY KEY (catalog, ordinal));
                    CREATE TABLE IF NOT EXISTS finished (message TEXT PRIMARY KEY, result TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE IF NOT EXISTS tags (catalog INTEGER NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (catalog, tag));
                    """)
        }
        try load()
    }

    func schema(_ name: Name) -> Schema? { schemas.withLockedValue { $0[name] } }

    /// The table of that name without regard to where it is declared, for the sake of queries.
    var names: [Name] { schemas.withLockedValue { Array($0.keys) } }

    /// The `ingest-by:` tags that are committed, of the tables that have any.
    var tags: [Name: Set<String>] { schemas.withLockedValue { $0.compactMapValues { $0.tags.isEmpty ? nil : $0.tags } } }

    func rowCount(_ name: Name) -> Int { schema(name)?.rows ?? 0 }

    var totalRows: Int { schemas.withLockedValue { $0.values.reduce(0) { $0 + $1.rows } } }

    /// Runs writes of one batch as one transaction; nothing of it is seen, here or in SQLite, if it throws.
    func transaction(_ body: (TableWriter) throws -> Void) throws {
        let known = schemas.withLockedValue { $0 }
        let result = try database.write { database in
            let writer = TableWriter(database: database, schemas: known)
            try body(writer)
            return writer.schemas
        }
        schemas.withLockedValue { $0 = result }
    }

    /// The rows of a table in the order of their landing.
    func rows(_ name: Name, limit: Int = .max) throws -> [LandedRow] {
        guard let schema = schema(name) else { return [] }
        let columns = schema.columns
        return try database.read { database in
            let names = ["source"] + columns.indices.map { "c\($0)" }
            let cursor = try Row.fetchCursor(
                database, sql: "SELECT \(names.joined(separator: ", ")) FROM t\(schema.id) ORDER BY rowid LIMIT ?",
                arguments: [Int64(clamping: limit)])
            var rows: [LandedRow] = []
            while let row = try cursor.next() {
                let cells = columns.indices.map { Self.cell(row, $0 + 1) }
                rows.append(LandedRow(sourceID: row[0], columns: columns, cells: cells))
            }
            return rows
        }
    }

    /// The results of messages whose rows are in, but which nobody has taken off their queue yet: a kill came in between.
    var finished: [String: JSON] { results.withLockedValue { $0 } }

    /// Forgets the results of all messages but those that are still in a queue.
    func forgetFinished(but living: Set<String>) throws {
        let kept = try database.write { database in
            var kept: [String: JSON] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT message, result FROM finished") {
                let id: String = row[0]
                if living.contains(id) { kept[id] = JSON(parsing: row[1] as String) }
            }
            for id in try String.fetchAll(database, sql: "SELECT message FROM finished") where kept[id] == nil {
                try database.execute(sql: "DELETE FROM finished WHERE message = ?", arguments: [id])
            }
            return kept
        }
        results.withLockedValue { $0 = kept }
    }

    /// Closes the file.
    func close() throws { try database.close() }

    private static func cell(_ row: Row, _ index: Int) -> Cell? {
        switch (row[index] as DatabaseValue).storage {
        case .null: nil
        case .int64(let number): .integer(number)
        case .double(let number): .real(number)
        case .string(let text): .text(text)
        case .blob(let data): .text(String(decoding: data, as: UTF8.self))
        }
    }

    private func load() throws {
        let loaded = try database.read { database in
            var loaded: [Name: Schema] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT id, database, name, declared, counted FROM catalog") {
                let id: Int64 = row[0]
                let columns = try Row.fetchAll(
                    database, sql: "SELECT name, type FROM columns WHERE catalog = ? ORDER BY ordinal", arguments: [id])
                let counted: Int = row[4]
                let rows = try Int.fetchOne(database, sql: "SELECT count(*) FROM t\(id)") ?? 0
                loaded[Name(database: row[1], table: row[2])] = Schema(
                    id: id, columns: columns.map { TableDefinition.Column($0[0], ColumnType(name: $0[1]) ?? .string) }, isDeclared: row[3],
                    tags: Set(try String.fetchAll(database, sql: "SELECT tag FROM tags WHERE catalog = ?", arguments: [id])),
                    rows: rows + counted)
            }
            return loaded
        }
        schemas.withLockedValue { $0 = loaded }
    }
}
