import GRDB
import IngestionModel
import SpoolPrimitives

/// Coalesced sources: how files come together in a row, go on together, and leave it.
///
/// A file that leaves gets a row of its own, and whatever is told later of a message that had it is told to that row (protocol.md §4).
extension LedgerWriter {
    /// Files that travel together from the start.
    mutating func claim(whole files: [LedgerFile], of batch: ClaimedBatch, _ db: Database) throws -> SourceID {
        let common = LedgerFile(
            claim: files[0].claim, directory: files[0].directory, name: "", size: files.reduce(0) { $0 + $1.size }, modified: 0, changed: 0,
            inode: 0)
        let id = try insert(common, members: files.count, batch.spool, SourceProgress(isCoalesced: true), at: batch.at, db)
        try statements.save(SegmentManifest(segments: files.map { Segment($0) }), of: id.row, db)
        for file in files { record(JournalEvent(.accepted, at: batch.at, subject: subject(id, batch.spool, file, nil))) }
        return id
    }

    /// - Throws: where there is none that can be read: then nothing may be said of its files, and nothing be done with them.
    func manifest(of row: SourceRow, _ db: Database) throws -> SegmentManifest {
        guard let manifest = try statements.manifest(of: row, db) else {
            throw LedgerError(
                .unusable, operation: "reading the segments of row \(row.id.row)",
                detail: "the ledger was damaged by another hand; `kusto-spool fsck` names what is wrong")
        }
        return manifest
    }

    // MARK: - Going on together

    /// The row `next` supersedes a whole: the files that are still in it are its from now on. Those that have left stay with the old row, whose message or
    /// whose predecessor's they may be told of.
    func handOver(from old: SourceRow, to next: Int64, _ db: Database) throws {
        let segments = try manifest(of: old, db).segments
        try statements.save(SegmentManifest(segments: segments.filter { $0.departure == nil }), of: next, db)
        try statements.save(SegmentManifest(segments: segments.filter { $0.departure != nil }), of: old.id.row, db)
    }

    // MARK: - Leaving

    /// The service refuses the data of one of the files: each goes again alone, in rows of their own.
    ///
    /// - Returns: their sources, in the order of the files that were still in it.
    mutating func split(_ row: SourceRow, at: Timestamp, _ db: Database) throws -> [SourceID] {
        var manifest = try manifest(of: row, db)
        var successors: [SourceID] = []
        for (index, segment) in manifest.present {
            let id = try insert(segment.file, row.spool, SourceProgress(), at: at, superseding: row, db)
            manifest.segments[index].departure = .after(row: id.row)
            successors.append(id)
        }
        try statements.save(manifest, of: row.id.row, db)
        return successors
    }

    /// Some of the files leave, each with a row of its own that begins with what the whole is: unposted, or with its verdict.
    mutating func separate(_ row: inout SourceRow, _ change: SourceChange, _ db: Database) throws {
        var manifest = try manifest(of: row, db)
        let isDecided = row.progress.state.isDecided
        var first: Int64?
        for separation in change.separations where manifest.segments.indices.contains(separation.index) {
            let segment = manifest.segments[separation.index]
            // Said twice, of one that has left already.
            if segment.departure != nil { continue }
            let id =
                isDecided ? try insertDecided(segment, of: row, at: change.at, db) : try insertFresh(segment, of: row, at: change.at, db)
            if first == nil { first = id.row }
            manifest.segments[separation.index].departure = isDecided ? .after(row: id.row) : .before(row: id.row)
            counts.remove(row.work, row.spool, files: 1)
            row.members = row.members.map { $0 - 1 }
            row.file.size -= segment.file.size
            var event = JournalEvent(.separated, at: change.at, subject: subject(row.id, row.spool, segment.file, row.properties))
            event.code = separation.code
            event.reason = separation.reason
            event.successor = id
            if case .settled(let verdict) = row.progress.state { event.verdict = verdict }
            record(event)
        }
        try statements.save(manifest, of: row.id.row, db)
        try db.cachedStatement(sql: "UPDATE sources SET members = ?, size = ? WHERE row = ?")
            .execute(arguments: [row.members, row.file.size, row.id.row])
        // A blob that had them must not be posted for what is left.
        if !isDecided { row.blob = nil }
        guard row.members == 0, let first else { return }
        // Nothing is left that could be posted, or disposed of.
        if isDecided { row.location = .vanished } else { row.progress.becomeSuperseded(by: first) }
    }

    private mutating func insertFresh(_ segment: Segment, of row: SourceRow, at: Timestamp, _ db: Database) throws -> SourceID {
        try insert(segment.file, row.spool, SourceProgress(), at: at, superseding: row, db)
    }

    /// With its whole's verdict, place and reasons: what its disposal goes by.
    private mutating func insertDecided(_ segment: Segment, of row: SourceRow, at: Timestamp, _ db: Database) throws -> SourceID {
        let progress = SourceProgress(
            state: row.progress.state, posts: row.progress.posts, postsInDoubt: row.progress.postsInDoubt,
            deferrals: row.progress.deferrals)
        let id = try insert(segment.file, row.spool, progress, claimedAt: row.claimedAt, at: at, superseding: row, db)
        guard var own = try fetch(id.row, db) else { return id }
        own.location = segment.location(in: row.location)
        own.properties = row.properties
        own.decidedAt = row.decidedAt
        try store(own, at: at, deadline: nil, db)
        return id
    }

    // MARK: - What is told to those that have left

    /// Whether a row is that of a file which left the whole, and not of a whole that superseded it.
    func isOfDeparted(_ next: Int64, _ row: SourceRow, _ db: Database) throws -> Bool {
        guard row.isCoalesced else { return false }
        return try manifest(of: row, db).segments.contains { $0.departure?.row == next }
    }

    /// A message that had a file in it succeeded after the file had left.
    ///
    /// The whole's own message had those that left after it was posted; a predecessor's had all of them. Likewise where its message turns out to have failed.
    mutating func informDeparted(
        of row: SourceRow, _ event: SourceEvent, _ effects: [SourceEffect], at: Timestamp, _ db: Database
    ) throws {
        let isPredecessors = event == .predecessorSucceeded
        let isCorrected = effects.contains(.record(.corrected))
        let isItsOwn = effects.contains(.informSuccessor) || (isCorrected && row.progress.state == .settled(.succeeded))
        let isFailed = isCorrected && row.progress.state == .settled(.failed)
        guard isPredecessors || isItsOwn || isFailed else { return }
        for segment in try manifest(of: row, db).segments {
            switch segment.departure {
            case .after(let own) where isFailed:
                // What was presumed of the whole was presumed of it, too.
                _ = try apply(SourceChange(row: own, event, at: at), db)
            case .before(let own) where isPredecessors, .after(let own):
                _ = try apply(SourceChange(row: own, .predecessorSucceeded, at: at, file: segment.file), db)
            case .before, nil: continue
            }
        }
    }

    /// Where files are that could not get their own names.
    func note(_ paths: [Int: String], of row: SourceRow, _ db: Database) throws {
        if paths.isEmpty { return }
        var manifest = try manifest(of: row, db)
        for (index, path) in paths where manifest.segments.indices.contains(index) { manifest.segments[index].path = path }
        try statements.save(manifest, of: row.id.row, db)
    }
}
