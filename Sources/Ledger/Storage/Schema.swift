import GRDB

/// The ledger's tables, version by version. A migration is never changed once it has been released.
enum Schema {
    static func migrator() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: version1)
        }
        migrator.registerMigration("2") { db in
            try db.execute(sql: version2)
        }
        migrator.registerMigration("3") { db in
            try db.execute(sql: version3)
        }
        return migrator
    }

    /// One row a file in the ordinary case: a source and the whole file that it carries share a row of `sources`, whose segment (the whole
    /// file) is implied. One index, which only rows with work to do are in. One row of `outbox` a commit.
    private static let version1 = """
        CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value ANY NOT NULL) WITHOUT ROWID, STRICT;
        CREATE TABLE spools (number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE properties (number INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE containers (number INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE sources (
            row INTEGER PRIMARY KEY AUTOINCREMENT,
            spool INTEGER NOT NULL,
            work INTEGER NOT NULL,
            due INTEGER NOT NULL,
            claim TEXT NOT NULL,
            directory TEXT NOT NULL,
            name TEXT NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            claimed_at INTEGER NOT NULL,
            state INTEGER NOT NULL,
            state_at INTEGER,
            stage INTEGER,
            hold TEXT,
            verdict INTEGER,
            superseded_by INTEGER,
            posts INTEGER NOT NULL DEFAULT 0,
            posts_in_doubt INTEGER NOT NULL DEFAULT 0,
            deferrals INTEGER NOT NULL DEFAULT 0,
            container INTEGER,
            attempt INTEGER,
            encoding INTEGER,
            raw_size INTEGER,
            sent_size INTEGER,
            md5 BLOB,
            uploaded_at INTEGER,
            properties INTEGER,
            location INTEGER NOT NULL DEFAULT 0,
            path TEXT,
            code TEXT,
            reason TEXT,
            decided_at INTEGER,
            supersedes INTEGER
        ) STRICT;
        CREATE INDEX sources_by_work ON sources (work, spool, due);
        CREATE TABLE requests (number INTEGER PRIMARY KEY AUTOINCREMENT, row INTEGER NOT NULL, verb TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
        CREATE TABLE outbox (first_seq INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, lines BLOB NOT NULL) STRICT;
        """

    /// Status tables: a row that has an entity in one names it (by its number in `containers`) until the entity has been read and removed. Only such
    /// rows are in the index, so that routes which report to queues pay for neither.
    private static let version2 = """
        ALTER TABLE sources ADD COLUMN status_table INTEGER;
        CREATE INDEX sources_by_status_table ON sources (status_table, row) WHERE status_table IS NOT NULL;
        """

    /// Coalesced sources: a row that carries several files says how many, and has them in a manifest, one value for all of them. It has a claim, a directory
    /// and the sum of the sizes, and no name. Ordinary rows have NULL.
    private static let version3 = """
        ALTER TABLE sources ADD COLUMN members INTEGER;
        CREATE TABLE segments (source INTEGER PRIMARY KEY, manifest BLOB NOT NULL) STRICT;
        """
}
