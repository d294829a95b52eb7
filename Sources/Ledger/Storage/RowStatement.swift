import GRDB
import GRDBSQLite

/// A prepared statement whose values go in and out without a box around each: for what is run for every file and every state.
///
/// GRDB owns it and opens, locks and closes the database; only binding and stepping are done here. Used by the ledger's thread alone.
struct RowStatement {
    private let statement: Statement
    private var raw: OpaquePointer { statement.sqliteStatement }

    init(_ sql: String, _ db: Database) throws { statement = try db.makeStatement(sql: sql) }

    /// - Parameter index: from 1.
    func bind(_ index: Int32, _ value: Int64?) {
        if let value { sqlite3_bind_int64(raw, index, value) } else { sqlite3_bind_null(raw, index) }
    }

    func bind(_ index: Int32, _ value: String?) {
        guard var value else {
            sqlite3_bind_null(raw, index)
            return
        }
        value.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                // No address would be NULL, which an empty text is not.
                guard let start = text.baseAddress, !text.isEmpty else {
                    sqlite3_bind_text(raw, index, "", 0, Self.transient)
                    return
                }
                sqlite3_bind_text(raw, index, start, Int32(text.count), Self.transient)
            }
        }
    }

    func bind(_ index: Int32, _ value: [UInt8]?) {
        guard let value else {
            sqlite3_bind_null(raw, index)
            return
        }
        // No address would be NULL, which an empty blob is not.
        if value.isEmpty {
            sqlite3_bind_zeroblob(raw, index, 0)
            return
        }
        _ = value.withUnsafeBytes { sqlite3_bind_blob(raw, index, $0.baseAddress, Int32($0.count), Self.transient) }
    }

    /// Runs a statement that returns no row.
    func run(_ db: Database) throws {
        defer { sqlite3_reset(raw) }
        let result = sqlite3_step(raw)
        if result != SQLITE_DONE { throw failure(result, db) }
    }

    /// Runs a query.
    ///
    /// - Parameter take: called for each row, whose columns are good until it returns.
    func forEachRow(_ db: Database, _ take: (StatementColumns) throws -> Void) throws {
        defer { sqlite3_reset(raw) }
        while true {
            let result = sqlite3_step(raw)
            if result == SQLITE_DONE { return }
            guard result == SQLITE_ROW else { throw failure(result, db) }
            try take(StatementColumns(raw: raw))
        }
    }

    private func failure(_ result: Int32, _ db: Database) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: result), message: db.lastErrorMessage, sql: statement.sql)
    }

    /// SQLite makes its own copy before the call returns.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}

/// Where a row's columns are read from, by their place in the selection.
protocol ColumnSource {
    func integer(_ index: Int) -> Int64?
    func text(_ index: Int) -> String?
    func bytes(_ index: Int) -> [UInt8]?
}

/// The columns of the row that a statement stands at.
struct StatementColumns: ColumnSource {
    fileprivate let raw: OpaquePointer

    func integer(_ index: Int) -> Int64? {
        sqlite3_column_type(raw, Int32(index)) == SQLITE_INTEGER ? sqlite3_column_int64(raw, Int32(index)) : nil
    }

    func text(_ index: Int) -> String? {
        guard sqlite3_column_type(raw, Int32(index)) == SQLITE_TEXT, let start = sqlite3_column_text(raw, Int32(index)) else { return nil }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, Int32(index)))), as: UTF8.self)
    }

    /// A blob where it lies; nil where the column holds none.
    func withBytes<Value>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Value) -> Value? {
        guard sqlite3_column_type(raw, Int32(index)) == SQLITE_BLOB else { return nil }
        let count = Int(sqlite3_column_bytes(raw, Int32(index)))
        return body(UnsafeRawBufferPointer(start: sqlite3_column_blob(raw, Int32(index)), count: count))
    }

    func bytes(_ index: Int) -> [UInt8]? {
        guard sqlite3_column_type(raw, Int32(index)) == SQLITE_BLOB else { return nil }
        let count = Int(sqlite3_column_bytes(raw, Int32(index)))
        guard let start = sqlite3_column_blob(raw, Int32(index)) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}

extension Row: ColumnSource {
    func integer(_ index: Int) -> Int64? { if case .int64(let value) = databaseValue(index) { value } else { nil } }
    func text(_ index: Int) -> String? { if case .string(let value) = databaseValue(index) { value } else { nil } }
    func bytes(_ index: Int) -> [UInt8]? { if case .blob(let value) = databaseValue(index) { Array(value) } else { nil } }

    private func databaseValue(_ index: Int) -> DatabaseValue.Storage { (self[index] as DatabaseValue).storage }
}
