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
    private let log = WriteAheadLog()
    private let onFull: @Sendable () -> Bool
    /// How many transactions with changes have been committed.
    let commits = Lock<UInt64>(0)
    /// As of the last commit.
    let figures: Lock<LedgerFigures>

    /// - Parameters:
    ///   - onFull: called where the disk is full; whether it has made room.
    ///   - makesRoom: whether a new ledger's log gets its size at once.
    init(path: String, makeIdentity: () -> (uuid: String, bits: UInt64), onFull: @escaping @Sendable () -> Bool, makesRoom: Bool) throws {
        self.onFull = onFull
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        configuration.label = "ledger"
        configuration.prepareDatabase(WriteAheadLog.keep)
        queue = try DatabaseQueue(path: path, configuration: configuration)
        // GRDB relaxes WAL databases to NORMAL when it opens them; a verdict must survive a power cut.
        let (synchronous, journalMode) = try queue.writeWithoutTransaction { [log] db in
            log.drive(db)
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // KiB: what files on their way touch again and again; SQLite's own 2 MB are read anew from the log.
            try db.execute(sql: "PRAGMA cache_size = -8192")
            return (try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"))
        }
        // SQLite answers `wal` and then commits the change; where that commit's flush fails, GRDB has its answer already and hears nothing of it.
        guard journalMode == "wal" else {
            throw LedgerError(
                .storageFailed, operation: "opening the ledger \(path)",
                detail: """
                    it could not be put into WAL mode (it is in \(journalMode ?? "none")): a write or flush failed, \
                    see 'journalctl -k'
                    """)
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
        let isNew = try queue.read { db in try Int.fetchOne(db, sql: "SELECT 1 FROM meta WHERE key = 'uuid'") == nil }
        writer = try queue.write { db in
            // What a crash has left of making room.
            try db.execute(sql: "DELETE FROM segments WHERE source = 0")
            return try LedgerWriter(identity: Self.identity(db, makeIdentity), reading: db)
        }
        if isNew, makesRoom { try Self.makeRoom(queue, log) }
        figures = Lock(writer.figures)
    }

    /// Lets a new ledger's log grow to the size that it would soon have, in one go: a flush of a file that has just grown is several times as slow, and every
    /// commit of the first minutes would be one. What is written is taken back, from the database too; row 0 is no source's.
    ///
    /// - Throws: what is worse than a full disk, which is told of when it matters.
    private static func makeRoom(_ queue: DatabaseQueue, _ log: WriteAheadLog) throws {
        do {
            try queue.write { db in
                try db.execute(sql: "INSERT INTO segments (source, manifest) VALUES (0, zeroblob(?))", arguments: [WriteAheadLog.size / 2])
            }
            try queue.writeWithoutTransaction { db in
                // Where SQLite overwrites what it deletes, as Debian's does, it is written twice.
                try db.execute(sql: "DELETE FROM segments WHERE source = 0")
                try db.execute(sql: "VACUUM")
                try log.checkpoint(db)
            }
        } catch {
            let failure = LedgerError(error, operation: "making room in the ledger")
            if failure.reason != .full { throw failure }
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
        /// Whether the outbox grew.
        var madeEvents = false
        /// Changes that found no room; nobody has been answered about them.
        var waiting: [Submission] = []
    }

    /// Runs all changes that have gathered in one transaction, answers them, and then runs the queries, which see what is on disk.
    ///
    /// Where the disk is full, room is made, and then everybody is tried alone: what needs no new page must not wait for what does (protocol.md §7).
    mutating func run(_ submissions: [Submission]) -> RunResult {
        var result = RunResult()
        let changes = submissions.filter(\.isChange)
        if !changes.isEmpty {
            var failure = commit(changes, &result)
            if failure?.reason == .full {
                // The log may begin again from its start; the reserve is for where that is not enough.
                checkpoint()
                failure = commit(changes, &result)
            }
            if failure?.reason == .full, onFull() { failure = commit(changes, &result) }
            if let failure, failure.reason == .full {
                for change in changes {
                    guard let failure = changes.count == 1 ? failure : commit([change], &result) else { continue }
                    if failure.reason == .full { result.waiting.append(change) } else { change.fail(failure) }
                }
            } else if let failure {
                for change in changes { change.fail(failure) }
            }
        }
        for case .query(let query, _) in submissions.lazy.map(\.kind) {
            queue.writeWithoutTransaction { db in query(db, writer) }
        }
        if log.isDue { checkpoint() }
        return result
    }

    /// One transaction, and the answers to it.
    ///
    /// - Returns: why nothing of it was stored; nobody has been answered then.
    private mutating func commit(_ changes: [Submission], _ result: inout RunResult) -> LedgerError? {
        if let broken { return broken }
        // A value: what an aborted transaction had numbered and named is forgotten by taking the old one back, which cannot fail.
        let before = writer
        var answers: [@Sendable () -> Void] = []
        var madeEvents = false
        var systemError: CInt = 0
        var rowOperations = 0
        do {
            try queue.writeWithoutTransaction { db in
                do {
                    try db.inTransaction(.immediate) {
                        for change in changes { if let answer = try apply(change, db) { answers.append(answer) } }
                        madeEvents = try writer.finishCommit(db)
                        rowOperations = db.totalChangesCount
                        return .commit
                    }
                } catch {
                    systemError = sqlite3_system_errno(db.sqliteConnection)
                    throw error
                }
            }
        } catch {
            writer = before
            writer.cache.removeAll()
            let failure = LedgerError(error, systemError: systemError, operation: "committing to the ledger")
            if failure.reason == .storageFailed { broken = failure }
            return failure
        }
        // Before the answers: who has one finds its commit counted.
        commits.withLock { $0 += 1 }
        var figures = writer.figures
        figures.rowOperations = rowOperations
        figures.rowsHandedOut = writer.cache.handedOut
        self.figures.withLock { [figures] in $0 = figures }
        if madeEvents { result.madeEvents = true }
        for answer in answers { answer() }
        return nil
    }

    private mutating func checkpoint() {
        var systemError: CInt = 0
        do {
            try queue.writeWithoutTransaction { db in
                do { try log.checkpoint(db) } catch {
                    systemError = sqlite3_system_errno(db.sqliteConnection)
                    throw error
                }
            }
        } catch {
            let failure = LedgerError(error, systemError: systemError, operation: "checkpointing the ledger")
            if failure.reason == .storageFailed { broken = failure }
        }
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

    /// Answers whoever waits for what will never be run.
    func abandon() {
        if case .query(_, let abandon) = kind { abandon() } else { fail(.closed) }
    }
}
