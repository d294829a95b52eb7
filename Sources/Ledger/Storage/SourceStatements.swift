import GRDB
import IngestionModel
import SpoolPrimitives

/// What is run for every file and every state: prepared once, when the ledger is opened.
struct SourceStatements {
    private let select: RowStatement
    private let selectDue: RowStatement
    private let insert: RowStatement
    /// Three updates: of what no index has; with the work and its time; with the status table besides. SQLite takes an index's entry out and puts it in
    /// again for every column that is named, whether it changes or not.
    private let update: RowStatement
    private let updateWork: RowStatement
    private let updateWorkAndTable: RowStatement
    private let selectManifest: RowStatement
    private let saveManifest: RowStatement

    init(_ db: Database) throws {
        select = try RowStatement("SELECT \(SourceColumns.selection) FROM sources WHERE row = ?", db)
        selectDue = try RowStatement(
            """
            SELECT row FROM sources WHERE work = ?1 AND spool = ?2 AND due <= ?3 AND due >= ?5 AND (due > ?5 OR row > ?6)
            ORDER BY due, row LIMIT ?4
            """, db)
        insert = try RowStatement(Self.insertion, db)
        selectManifest = try RowStatement("SELECT manifest FROM segments WHERE source = ?", db)
        saveManifest = try RowStatement("INSERT OR REPLACE INTO segments (source, manifest) VALUES (?, ?)", db)
        update = try RowStatement(Self.updating(""), db)
        updateWork = try RowStatement(Self.updating(", work = ?25, due = ?26"), db)
        updateWorkAndTable = try RowStatement(Self.updating(", work = ?25, due = ?26, status_table = ?27"), db)
    }

    func fetch(_ number: Int64, prefix: SourceID.Prefix, names: NameTables, _ db: Database) throws -> SourceRow? {
        var found: SourceRow?
        select.bind(1, number)
        try select.forEachRow(db) { found = SourceColumns.decode($0, prefix: prefix, names: names) }
        return found
    }

    /// The numbers of rows that are due, earliest first; read off the index alone.
    func due(
        _ work: Work, _ spool: SpoolKey, before: Timestamp, after: Ledger.Place?, limit: Int, _ db: Database
    ) throws -> [Int64] {
        var numbers: [Int64] = []
        selectDue.bind(1, work.rawValue)
        selectDue.bind(2, spool.number)
        selectDue.bind(3, before.microseconds)
        selectDue.bind(4, Int64(limit))
        selectDue.bind(5, after?.due.microseconds ?? .min)
        selectDue.bind(6, after?.row ?? 0)
        try selectDue.forEachRow(db) { if let number = $0.integer(0) { numbers.append(number) } }
        return numbers
    }

    /// nil where there is none that could be read.
    func manifest(of row: SourceRow, _ db: Database) throws -> SegmentManifest? {
        var found: SegmentManifest?
        selectManifest.bind(1, row.id.row)
        try selectManifest.forEachRow(db) { columns in
            found = columns.withBytes(0) { SegmentManifest(encoded: $0, claim: row.file.claim, directory: row.file.directory) } ?? nil
        }
        return found
    }

    func save(_ manifest: SegmentManifest, of row: Int64, _ db: Database) throws {
        saveManifest.bind(1, row)
        saveManifest.bind(2, manifest.encoded)
        try saveManifest.run(db)
    }

    /// What a claim or a successor begins as.
    func insert(_ row: SourceRow, _ db: Database) throws -> Int64 {
        let columns = StateColumns(row.progress.state)
        let file = row.file
        insert.bind(1, row.spool.number)
        insert.bind(2, row.work.rawValue)
        insert.bind(3, row.due.microseconds)
        insert.bind(4, file.claim)
        insert.bind(5, file.directory)
        insert.bind(6, file.name)
        insert.bind(7, file.size)
        insert.bind(8, file.modified)
        insert.bind(9, file.changed)
        insert.bind(10, Int64(bitPattern: file.inode))
        insert.bind(11, row.claimedAt.microseconds)
        insert.bind(12, Int64(columns.code.rawValue))
        insert.bind(13, columns.instant)
        insert.bind(14, columns.stage.map(Int64.init))
        insert.bind(15, columns.hold)
        insert.bind(16, Int64(row.progress.posts))
        insert.bind(17, Int64(row.progress.postsInDoubt))
        insert.bind(18, Int64(row.progress.deferrals))
        insert.bind(19, row.supersedes)
        insert.bind(20, row.code)
        insert.bind(21, row.reason)
        insert.bind(22, row.members.map(Int64.init))
        try insert.run(db)
        return db.lastInsertedRowID
    }

    private static let insertion = """
        INSERT INTO sources (spool, work, due, claim, directory, name, size, modified, changed, inode, claimed_at, state, state_at, stage, hold,
            posts, posts_in_doubt, deferrals, supersedes, code, reason, members)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// How much of a row is written.
    enum Extent {
        /// Its work and the time of it are as they were.
        case facts
        case work
        case workAndTable
    }

    /// Writes everything that may change about a row but the file itself.
    func store(_ row: SourceRow, _ extent: Extent, names: inout NameTables, _ db: Database) throws {
        let statement =
            switch extent {
            case .facts: update
            case .work: updateWork
            case .workAndTable: updateWorkAndTable
            }
        let columns = StateColumns(row.progress.state)
        let location = row.location.columns
        statement.bind(1, Int64(columns.code.rawValue))
        statement.bind(2, columns.instant)
        statement.bind(3, columns.stage.map(Int64.init))
        statement.bind(4, columns.hold)
        statement.bind(5, columns.verdict.map(Int64.init))
        statement.bind(6, columns.supersededBy)
        statement.bind(7, Int64(row.progress.posts))
        statement.bind(8, Int64(row.progress.postsInDoubt))
        statement.bind(9, Int64(row.progress.deferrals))
        statement.bind(10, try row.blob.map { try names.container($0.container, db) })
        statement.bind(11, row.blob?.attempt.packed)
        statement.bind(12, row.blob.map { Int64($0.encoding.rawValue) })
        statement.bind(13, row.blob?.rawSize)
        statement.bind(14, row.blob?.sentSize)
        statement.bind(15, row.blob?.md5)
        statement.bind(16, row.blob?.uploadedAt.microseconds)
        statement.bind(17, try row.properties.map { try names.properties($0, db) })
        statement.bind(18, Int64(location.code.rawValue))
        statement.bind(19, location.path)
        statement.bind(20, row.code)
        statement.bind(21, row.reason)
        statement.bind(22, row.decidedAt?.microseconds)
        statement.bind(23, row.id.row)
        switch extent {
        case .facts: break
        case .work, .workAndTable:
            statement.bind(25, row.work.rawValue)
            statement.bind(26, row.due.microseconds)
            if case .workAndTable = extent { statement.bind(27, try row.statusTable.map { try names.container($0, db) }) }
        }
        try statement.run(db)
    }

    private static func updating(_ more: String) -> String {
        """
        UPDATE sources SET state = ?1, state_at = ?2, stage = ?3, hold = ?4, verdict = ?5, superseded_by = ?6, posts = ?7, posts_in_doubt = ?8,
            deferrals = ?9, container = ?10, attempt = ?11, encoding = ?12, raw_size = ?13, sent_size = ?14, md5 = ?15, uploaded_at = ?16,
            properties = ?17, location = ?18, path = ?19, code = ?20, reason = ?21, decided_at = ?22\(more)
        WHERE row = ?23
        """
    }
}
