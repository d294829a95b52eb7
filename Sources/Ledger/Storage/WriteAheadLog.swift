import GRDB
import GRDBSQLite

/// Checkpoints of the write-ahead log, driven by the ledger's thread (protocol.md §7).
///
/// SQLite would checkpoint by itself inside some commit, whose caller waits for it, and would forget what the flush of the database said. Here it comes
/// after the answers, and a flush that failed is heard of.
final class WriteAheadLog: @unchecked Sendable {  // the ledger's thread alone commits, and SQLite calls the hook inside the commit
    /// After how many pages: 4 MiB of them, as SQLite's own default.
    private static let interval = 1000
    /// What that is in bytes.
    static let size = interval * 4096
    /// How long the log was after the last commit, in pages.
    private var pages = 0
    /// How long it was at the last checkpoint. One that a reader holds up is tried again only when as much has come again.
    private var pagesAtCheckpoint = 0

    /// Lets the log and its index stay when a connection that may write is closed: without them a user who may only read could not open the ledger.
    static func keep(_ db: Database) {
        var isPersistent: CInt = 1
        sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &isPersistent)
    }

    /// Takes SQLite's own checkpoints away from a connection, which must not outlive this object.
    func drive(_ db: Database) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = sqlite3_wal_hook(
            db.sqliteConnection,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                Unmanaged<WriteAheadLog>.fromOpaque(context).takeUnretainedValue().pages = Int(pages)
                return SQLITE_OK
            }, context)
    }

    /// Whether a checkpoint is worth its flushes.
    var isDue: Bool {
        // Once the log has been carried over it begins again from its start.
        if pages < pagesAtCheckpoint { pagesAtCheckpoint = 0 }
        return pages - pagesAtCheckpoint >= Self.interval
    }

    /// Carries the log over into the database as far as its readers allow, waiting for none of them.
    ///
    /// - Throws: what SQLite says; the log holds everything still, unless it was a flush that failed.
    func checkpoint(_ db: Database) throws {
        pagesAtCheckpoint = pages
        _ = try db.checkpoint(.passive)
    }
}
