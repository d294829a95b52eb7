import GRDB

/// The writes of one transaction, with the schemas as they will be once it is committed.
final class TableWriter {
    private let database: Database
    private(set) var schemas: [TableStore.Name: TableStore.Schema]

    init(database: Database, schemas: [TableStore.Name: TableStore.Schema]) {
        self.database = database
        self.schemas = schemas
    }

    /// The table, made if need be.
    @discardableResult
    func table(_ name: TableStore.Name, columns: [TableDefinition.Column] = [], isDeclared: Bool = false) throws -> TableStore.Schema {
        if let schema = schemas[name] { return schema }
        try database.execute(
            sql: "INSERT INTO catalog (database, name, declared) VALUES (?, ?, ?)", arguments: [name.database, name.table, isDeclared])
        let id = database.lastInsertedRowID
        try database.execute(sql: "CREATE TABLE t\(id) (source TEXT NOT NULL)")
        schemas[name] = TableStore.Schema(id: id, columns: [], isDeclared: isDeclared, tags: [], rows: 0)
        try widen(name, columns)
        return schemas[name] ?? TableStore.Schema(id: id, columns: columns, isDeclared: isDeclared, tags: [], rows: 0)
    }

    /// Lands rows. Columns that the table lacks are added to it.
    func land(_ shaped: RowShaper.Shaped, in name: TableStore.Name, sourceID: String) throws {
        let schema = try table(name)
        try widen(name, shaped.columns.filter { column in !schema.columns.contains { $0.name == column.name } })
        guard let wide = schemas[name] else { return }
        let indexes = Dictionary(wide.columns.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let targets = ["source"] + shaped.columns.compactMap { indexes[$0.name].map { "c\($0)" } }
        let marks = targets.map { _ in "?" }.joined(separator: ", ")
        let statement = try database.cachedStatement(sql: "INSERT INTO t\(wide.id) (\(targets.joined(separator: ", "))) VALUES (\(marks))")
        for row in shaped.rows {
            var values: [DatabaseValue] = [sourceID.databaseValue]
            for index in shaped.columns.indices { values.append(Self.value(index < row.count ? row[index] : nil)) }
            try statement.execute(arguments: StatementArguments(values))
        }
        schemas[name]?.rows += shaped.rows.count
    }

    /// Counts records that are not kept.
    func count(_ records: Int, in name: TableStore.Name) throws {
        let schema = try table(name)
        try database.execute(sql: "UPDATE catalog SET counted = counted + ? WHERE id = ?", arguments: [records, schema.id])
        schemas[name]?.rows += records
    }

    /// Remembers `ingest-by:` tags.
    func tag(_ tags: some Sequence<String>, in name: TableStore.Name) throws {
        let schema = try table(name)
        for tag in tags {
            try database.execute(sql: "INSERT OR IGNORE INTO tags (catalog, tag) VALUES (?, ?)", arguments: [schema.id, tag])
            schemas[name]?.tags.insert(tag)
        }
    }

    /// Remembers the result of a message in the transaction that lands its rows, so that a kill right behind it does not land them again.
    func finish(_ message: String, _ result: JSON) throws {
        try database.execute(sql: "INSERT OR REPLACE INTO finished (message, result) VALUES (?, ?)", arguments: [message, result.encoded])
    }

    private func widen(_ name: TableStore.Name, _ columns: [TableDefinition.Column]) throws {
        guard let schema = schemas[name] else { return }
        for (offset, column) in columns.enumerated() {
            let ordinal = schema.columns.count + offset
            try database.execute(sql: "ALTER TABLE t\(schema.id) ADD COLUMN c\(ordinal)")
            try database.execute(
                sql: "INSERT INTO columns (catalog, ordinal, name, type) VALUES (?, ?, ?, ?)",
                arguments: [schema.id, ordinal, column.name, column.type.rawValue])
            schemas[name]?.columns.append(column)
        }
    }

    private static func value(_ cell: Cell?) -> DatabaseValue {
        switch cell {
        case nil: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): text.databaseValue
        }
    }
}
