import Foundation
import GRDB
import GRDBSQLite
import IngestionModel
import SpoolPrimitives

/// The open database and its writer. Used by the ledger's thread alone once it is open.
struct LedgerStore: @unchecked Sendable {  // handed to one thread whole; GRDB's queue is thread-safe besides
    let queue: DatabaseQueue
    var writer: LedgerWriter
    /// A failed flush says nothing of what is on disk, and a second one would seem to succeed: nothing is stored after it (protocol.md §7).
    private var broken: LedgerError?

    init(path: String, makeIdentity: () -> (uuid: String, bits: UInt64)) throws {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        configuration.label = "ledger"
        configuration.prepareDatabase { db in
            // The write-ahead log and its index stay when the daemon ends: without them a user who may only read could not open the ledger.
            var isPersistent: CInt = 1
            sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &isPersistent)
        }
        queue = try DatabaseQueue(path: path, configuration: configuration)
        // GRDB relaxes WAL databases to NORMAL when it opens them; a verdict must survive a power cut.
        let synchronous = try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            return try Int.fetchOne(db, sql: "PRAGMA synchronous")
        }
        guard synchronous == 2 else {
            throw LedgerError(
                .unusable, operation: "opening the ledger", detail: "PRAGMA synchronous reads \(synchronous ?? -1), not 2 (FULL)")
        }
        let migrator = Schema.migrator()
        if try queue.read({ try migrator.hasBeenSuperseded($0) }) {
            throw LedgerError(
                .unusable, operation: "opening the ledger", detail: "it was written by a newer kusto-spool; install that version again")
        }
        try migrator.migrate(queue)
        writer = try queue.write { db in
            try LedgerWriter(identity: Self.identity(db, makeIdentity), reading: db)
        }
    }

    /// Reads who the ledger is, or makes it somebody; counts the run.
    private static func identity(_ db: Database, _ makeIdentity: () -> (uuid: String, bits: UInt64)) throws -> LedgerIdentity {
        func meta<Value: DatabaseValueConvertible>(_ key: String, _ type: Value.Type) throws -> Value? {
            try Value.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key])
        }
        func set(_ key: String, _ value: some DatabaseValueConvertible) throws {
            try db.execute(sql: "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", arguments: [key, value])
        }
        if try meta("uuid", String.self) == nil {
            let (uuid, bits) = makeIdentity()
            try set("uuid", uuid)
            try set("prefix", Int64(bitPattern: SourceID.Prefix(bits: bits).bits))
        }
        let run = (try meta("run", Int64.self) ?? 0) + 1
        try set("run", run)
        guard let uuid = try meta("uuid", String.self), let prefix = try meta("prefix", Int64.self) else {
            throw LedgerError(.unusable, operation: "opening the ledger", detail: "its identity is incomplete")
        }
        return LedgerIdentity(
            uuid: uuid, prefix: SourceID.Prefix(bits: UInt64(bitPattern: prefix)), run: Int32(truncatingIfNeeded: run))
    }

    /// What came of a run.
    struct RunResult {
        /// Whether a transaction with changes was committed.
        var committed = false
        /// Whether the outbox grew.
        var madeEvents = false
    }

    /// Runs all changes that have gathered in one transaction, answers them, and then runs the queries, which see what is on disk.
    mutating func run(_ submissions: [Submission]) -> RunResult {
        var result = RunResult()
        if submissions.contains(where: \.isChange) {
            // A value: what an aborted transaction had numbered and named is forgotten by taking the old one back, which cannot fail.
            let before = writer
            var answers: [@Sendable () -> Void] = []
            do {
                if let broken { throw broken }
                try queue.writeWithoutTransaction { db in
                    try db.inTransaction(.immediate) {
                        for submission in submissions { if let answer = try apply(submission, db) { answers.append(answer) } }
                        result.madeEvents = try writer.finishCommit(db)
                        return .commit
                    }
                }
                result.committed = true
                for answer in answers { answer() }
            } catch {
                writer = before
                result.madeEvents = false
                let failure = LedgerError(error, operation: "committing to the ledger")
                if failure.reason == .storageFailed { broken = failure }
                for submission in submissions { submission.fail(failure) }
            }
        }
        for case .query(let query) in submissions.lazy.map(\.kind) {
            queue.writeWithoutTransaction { db in query(db, writer) }
        }
        return result
    }

    /// - Returns: the answer to give once it is on disk; nil for a query.
    private mutating func apply(_ submission: Submission, _ db: Database) throws -> (@Sendable () -> Void)? {
        switch submission.kind {
        case .changes(let changes, let answer):
            let outcomes = try changes.map { try writer.apply($0, db) }
            return { answer(.success(outcomes)) }
        case .query: return nil
        case .register(let path, let route, let answer):
            let key = SpoolKey(try writer.names.spool(path, db))
            writer.routes[key] = route
            return { answer(.success(key)) }
        }
    }
}

extension Submission {
    var isChange: Bool {
        if case .query = kind { false } else { true }
    }

    /// Answers a change whose transaction failed. Queries are run all the same.
    func fail(_ error: LedgerError) {
        switch kind {
        case .changes(_, let answer): answer(.failure(error))
        case .query: break
        case .register(_, _, let answer): answer(.failure(error))
        }
    }
}
