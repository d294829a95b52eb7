import Foundation
import GRDB
import IngestionModel
import KustoWire
import SpoolPrimitives

/// Applies changes inside a transaction. Lives on the ledger's thread and is used by nobody else.
struct LedgerWriter {
    let identity: LedgerIdentity
    var names: NameTables
    /// What the configuration says now of each spool: for journal lines of sources whose properties are not frozen yet.
    var routes: [SpoolKey: RouteOfSpool] = [:]
    var counts: WorkCounts
    let cache = RowCache()
    let statements: SourceStatements
    /// The number of the next event.
    private(set) var nextSeq: Int64
    /// The last number that the outbox is rid of.
    private var drainedThrough: Int64
    /// How many events are in the outbox.
    private var pendingEvents: Int64 { nextSeq - 1 - drainedThrough }
    private var insertions: UInt64 = 0
    var figures: LedgerFigures { LedgerFigures(counts: counts, pendingEvents: pendingEvents, insertions: insertions) }
    private var journal = JSONWriter()
    private var firstSeqOfCommit: Int64?

    init(identity: LedgerIdentity, reading db: Database) throws {
        self.identity = identity
        statements = try SourceStatements(db)
        names = try NameTables(reading: db)
        counts = try WorkCounts(reading: db)
        nextSeq = try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'next_seq'") ?? 1
        drainedThrough = (try Int64.fetchOne(db, sql: "SELECT min(first_seq) FROM outbox") ?? nextSeq) - 1
    }

    mutating func apply(_ change: LedgerChange, _ db: Database) throws -> LedgerOutcome {
        switch change {
        case .claimed(let batch): return .claimed(try claim(batch, db))
        case .source(let change): return try apply(change, db)
        case .disposed(let row, let location, let paths, let at): return try dispose(row, location, paths, at, db)
        case .changedAfterPost(let row, let location, let why, let at): return try changedAfterPost(row, location, why, at, db)
        case .lookAgain(let row, let at):
            try db.cachedStatement(sql: "UPDATE sources SET due = ? WHERE row = ?").execute(arguments: [at.microseconds, row])
            cache.remove(row)
            return .done
        case .hasten(let work, let at):
            try db.execute(
                sql: "UPDATE sources SET due = ?1 WHERE work = ?2 AND due > ?1", arguments: [at.microseconds, work.rawValue])
            cache.removeAll()
            return .done
        case .record(let event):
            record(event)
            return .done
        case .drained(let seq):
            drainedThrough = max(drainedThrough, seq)
            try db.cachedStatement(sql: "DELETE FROM outbox WHERE last_seq <= ?").execute(arguments: [seq])
            return .done
        case .answered(let request):
            try db.execute(sql: "DELETE FROM requests WHERE number = ?", arguments: [request])
            return .done
        case .forget(let before, let limit):
            let rows = try Int64.fetchAll(
                db, sql: "SELECT row FROM sources WHERE work = ? AND due < ? LIMIT ?",
                arguments: [Work.remembered.rawValue, before.microseconds, limit])
            let list = rows.map(String.init).joined(separator: ", ")
            try db.execute(sql: "DELETE FROM segments WHERE source IN (\(list))")
            try db.execute(sql: "DELETE FROM sources WHERE row IN (\(list))")
            cache.removeAll()
            return .forgotten(db.changesCount)
        case .statusRemoved(let row):
            try db.cachedStatement(sql: "UPDATE sources SET status_table = NULL WHERE row = ?").execute(arguments: [row])
            cache.remove(row)
            return .done
        case .reportsRead(let channel, let began):
            try readReports(of: channel, began: began, db)
            return .done
        case .takeClaimNumbers(let count):
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO meta (key, value) VALUES ('claims', ?1)
                    ON CONFLICT (key) DO UPDATE SET value = value + ?1 RETURNING value
                    """)
            return .claimNumbers(from: (try Int64.fetchOne(statement, arguments: [count]) ?? count) - count)
        }
    }

    /// Ends a commit: the events of all its changes become one row of the outbox (protocol.md §3, §6: numbered where they are made).
    ///
    /// - Returns: whether there were any.
    mutating func finishCommit(_ db: Database) throws -> Bool {
        guard let first = firstSeqOfCommit else { return false }
        try db.cachedStatement(sql: "INSERT INTO outbox (first_seq, last_seq, lines) VALUES (?, ?, ?)")
            .execute(arguments: [first, nextSeq - 1, Data(journal.bytes)])
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('next_seq', ?)").execute(arguments: [nextSeq])
        journal = JSONWriter()
        firstSeqOfCommit = nil
        return true
    }

    // MARK: - Events

    mutating func record(_ event: JournalEvent) {
        event.encode(seq: nextSeq, journal: identity.uuid, into: &journal)
        if firstSeqOfCommit == nil { firstSeqOfCommit = nextSeq }
        nextSeq += 1
    }

    func subject(_ id: SourceID, _ spool: SpoolKey, _ file: LedgerFile, _ properties: IngestionProperties?) -> JournalEvent.Subject {
        let route = routes[spool]
        return JournalEvent.Subject(
            source: id, spool: names.spools[spool.number] ?? "", file: file.relativePath,
            database: properties?.database ?? route?.database ?? "", table: properties?.table ?? route?.table ?? "", size: file.size)
    }

    // MARK: - Claims

    private mutating func claim(_ batch: ClaimedBatch, _ db: Database) throws -> [SourceID] {
        var ids: [SourceID] = []
        ids.reserveCapacity(batch.files.count)
        for file in batch.files {
            var progress = SourceProgress()
            var effects: [SourceEffect] = []
            if let repostAt = batch.adoptedRepostAt { effects = try progress.apply(.adopted(repostAt: repostAt)) }
            let id = try self.insert(file, batch.spool, progress, at: batch.at, db)
            ids.append(id)
            let subject = subject(id, batch.spool, file, nil)
            record(JournalEvent(.accepted, at: batch.at, subject: subject))
            for case .record(let kind) in effects { record(JournalEvent(kind, at: batch.at, subject: subject)) }
        }
        for files in batch.wholes where !files.isEmpty { ids.append(try claim(whole: files, of: batch, db)) }
        return ids
    }

    /// - Parameters:
    ///   - members: how many files it carries, where they were coalesced.
    ///   - old: the row that has had the files until now.
    mutating func insert(
        _ file: LedgerFile, members: Int? = nil, _ spool: SpoolKey, _ progress: SourceProgress, claimedAt: Timestamp? = nil, at: Timestamp,
        superseding old: SourceRow? = nil, _ db: Database
    ) throws -> SourceID {
        let (work, due) = Work.of(progress.state, at: .active, deletesOnSuccess: false, now: at, deadline: at)
        var row = SourceRow(
            // The number is SQLite's to give.
            id: SourceID(prefix: identity.prefix, row: 1), spool: spool, file: file, members: members, work: work, progress: progress,
            claimedAt: claimedAt ?? at, due: due, location: .active, code: old?.code, reason: old?.reason, supersedes: old?.id.row)
        row.id = SourceID(prefix: identity.prefix, row: try statements.insert(row, db))
        counts.add(work, spool, files: row.fileCount)
        insertions += 1
        cache.put(row)
        return row.id
    }

    // MARK: - Sources

    mutating func apply(_ change: SourceChange, _ db: Database) throws -> LedgerOutcome {
        guard var row = try fetch(change.row, db) else { return .unknownSource }
        let effects: [SourceEffect]
        let before = row.progress
        do throws(IllegalTransition) {
            effects = try row.progress.apply(change.event)
        } catch {
            return .refused(error)
        }
        // What comes late and changes nothing must not change the row's facts either: why it failed, when, and what its file was.
        if effects.isEmpty, row.progress == before { return .source(row.progress, of: row.spool) }
        if let blob = change.blob { row.blob = blob }
        if let table = change.statusTable { row.statusTable = table }
        if let file = change.file, !row.isCoalesced, !(change.event == .predecessorSucceeded && before.state == .settled(.succeeded)) {
            try identify(&row, file, db)
        }
        // Whoever finds the file gone has said so with this event; its disposal has nothing to find later.
        if case .held(.vanished, _) = row.progress.state { row.location = .vanished }
        // §4: the message's properties freeze at the first `posting`.
        if row.properties == nil { row.properties = change.properties }
        var failure: FailureReport?
        switch change.event {
        case .notifiedFailure(let report), .foundFailure(let report): failure = report
        default: break
        }
        let code = change.code ?? failure?.errorCode
        let reason = change.reason ?? failure?.details
        if code != nil || reason != nil {
            row.code = code
            row.reason = reason
        }
        if case .settled = row.progress.state, change.event != .separated(isDecided: true) { row.decidedAt = change.at }

        // Whatever the journal is told of a coalesced source, it is told of each of its files.
        let files = row.isCoalesced && !effects.isEmpty ? try manifest(of: row, db).present.map(\.segment.file) : [row.file]
        // One for each of the files, or one for all.
        var successors: [SourceID] = []
        var deadline = change.deadline
        for effect in effects {
            switch effect {
            case .supersede(let state):
                let progress = SourceProgress(
                    state: try paced(state, after: row, at: change.at, db), deferrals: row.progress.deferrals,
                    isCoalesced: row.isCoalesced)
                let id = try insert(row.file, members: row.members, row.spool, progress, at: change.at, superseding: row, db)
                if row.isCoalesced { try handOver(from: row, to: id.row, db) }
                row.progress.becomeSuperseded(by: id.row)
                successors = [id]
            case .split:
                successors = try split(row, at: change.at, db)
                if let first = successors.first { row.progress.becomeSuperseded(by: first.row) }
            case .separate:
                try separate(&row, change, db)
            case .informSuccessor:
                if case .superseded(let next) = row.progress.state, try !isOfDeparted(next, row, db) {
                    // What was ingested is what the file was then, and not what its successor has found since: a file that has changed must be seen to
                    // have when it is disposed of, and never be removed (§3.7).
                    let file = row.isCoalesced ? nil : row.file
                    _ = try apply(SourceChange(row: next, .predecessorSucceeded, at: change.at, file: file), db)
                }
            case .record(let kind):
                for (index, file) in files.enumerated() {
                    var event = JournalEvent(kind, at: change.at, subject: subject(row.id, row.spool, file, row.properties))
                    event.code = code
                    event.reason = reason
                    event.failure = failure
                    event.successor = successors.count > 1 ? successors[index] : successors.first
                    if kind == .corrected, case .settled(let verdict) = row.progress.state { event.verdict = verdict }
                    record(event)
                }
            case .extendDeadline:
                if let route = routes[row.spool] { deadline = change.at + route.verdictDeadline }
            }
        }
        if row.isCoalesced { try informDeparted(of: row, change.event, effects, at: change.at, db) }
        // A contradiction or a duplicate has its line in the journal, and the row nothing of it. Asked behind the effects: a successor ends the row.
        let isLate = before.state.isDecided && row.progress == before && change.event != .separated(isDecided: true)
        if !isLate { try store(row, at: change.at, deadline: deadline, hasNewTable: change.statusTable != nil, db) }
        return .source(row.progress, of: row.spool)
    }

    /// The first successor of a source goes out at once; one that replaces a successor waits, twice as long each time: what fails again and
    /// again for the service's sake must not be uploaded at the pace of its notifications.
    private func paced(_ state: SourceState, after row: SourceRow, at now: Timestamp, _ db: Database) throws -> SourceState {
        guard case .claimed = state else { return state }
        var failures = 0
        var earlier = row.supersedes
        while let number = earlier, failures < 16 {
            failures += 1
            let statement = try db.cachedStatement(sql: "SELECT supersedes FROM sources WHERE row = ?")
            earlier = try Row.fetchOne(statement, arguments: [number])?[0]
        }
        if failures == 0 { return state }
        return .deferred(until: now + RetryPolicy.source.delay(afterFailure: failures, random: 0.5), stage: .upload)
    }

    /// What the file is like now. The blob of what it was before must not be posted for it.
    private func identify(_ row: inout SourceRow, _ file: LedgerFile, _ db: Database) throws {
        row.file = file
        row.blob = nil
        try db.cachedStatement(sql: "UPDATE sources SET size = ?, modified = ?, changed = ?, inode = ? WHERE row = ?")
            .execute(arguments: [file.size, file.modified, file.changed, Int64(bitPattern: file.inode), row.id.row])
        // Should the row itself not be stored now.
        cache.remove(row.id.row)
    }

    private mutating func dispose(
        _ number: Int64, _ location: FileLocation, _ paths: [Int: String], _ at: Timestamp, _ db: Database
    ) throws -> LedgerOutcome {
        guard var row = try fetch(number, db) else { return .unknownSource }
        if row.isCoalesced { try note(paths, of: row, db) }
        if location == .vanished, row.location != .vanished {
            var event = JournalEvent(.vanished, at: at, subject: subject(row.id, row.spool, row.file, row.properties))
            event.reason = "The file is neither in its claim's directory nor where its verdict sends it; another hand removed it."
            record(event)
        }
        row.location = location
        try store(row, at: at, deadline: nil, db)
        return .source(row.progress, of: row.spool)
    }

    private mutating func changedAfterPost(
        _ number: Int64, _ location: FileLocation, _ why: String, _ at: Timestamp, _ db: Database
    ) throws -> LedgerOutcome {
        guard let row = try fetch(number, db) else { return .unknownSource }
        var event = JournalEvent(.changedAfterPost, at: at, subject: subject(row.id, row.spool, row.file, row.properties))
        event.reason = why
        record(event)
        counts.remove(row.work, row.spool, files: row.fileCount)
        // Where it is now is where it stays, whatever the verdict says: nothing is left to be disposed of.
        let columns = location.columns
        try db.cachedStatement(sql: "UPDATE sources SET location = ?, path = ?, work = ?, due = ? WHERE row = ?").execute(arguments: [
            columns.code.rawValue, columns.path, Work.remembered.rawValue, (at + Ledger.remembrance).microseconds, number,
        ])
        cache.remove(number)
        return .source(row.progress, of: row.spool)
    }

    /// Rows of one kind of work, earliest first.
    func due(
        _ work: Work, _ spool: SpoolKey, before: Timestamp, after: Ledger.Place?, limit: Int, _ db: Database
    ) throws -> [SourceRow] {
        let numbers = try statements.due(work, spool, before: before, after: after, limit: limit, db)
        var rows: [SourceRow] = []
        // A row is many words long: an array that grows would move them all.
        rows.reserveCapacity(numbers.count)
        for number in numbers { if let row = try fetch(number, db) { rows.append(row) } }
        cache.handedOut += rows.count
        return rows
    }

    func fetch(_ number: Int64, _ db: Database) throws -> SourceRow? {
        if let row = cache.row(number) { return row }
        return try statements.fetch(number, prefix: identity.prefix, names: names, db)
    }

    /// - Parameter hasNewTable: whether the row's status table is another than before.
    mutating func store(
        _ stored: SourceRow, at: Timestamp, deadline: Timestamp?, hasNewTable: Bool = false, _ db: Database
    ) throws {
        var row = stored
        (row.work, row.due) = Work.of(
            row.progress.state, at: row.location, deletesOnSuccess: routes[row.spool]?.deletesOnSuccess ?? false, now: at,
            deadline: deadline)
        // A held or awaited row keeps its time unless the event brings another.
        if deadline == nil, stored.work == row.work, row.work == .awaitingVerdict || row.work == .held { row.due = stored.due }
        counts.remove(stored.work, row.spool, files: row.fileCount)
        counts.add(row.work, row.spool, files: row.fileCount)
        let keepsWork = row.work == stored.work && row.due == stored.due
        try statements.store(row, hasNewTable ? .workAndTable : keepsWork ? .facts : .work, names: &names, db)
        // Nothing is left to do with it: hardly anybody will ask.
        if row.work == .remembered { cache.remove(row.id.row) } else { cache.put(row) }
    }
}
