import GRDB
import IngestionModel
import SpoolPrimitives

/// Files of coalesced sources, for commands that look at files: each as a row that carries it alone.
extension LedgerReader {
    /// SQL for how many files a row carries; a ledger of an earlier version has one in each, until the daemon migrates it.
    func members(_ db: Database) throws -> String { try hasSegments(db) ? "coalesce(members, 1)" : "1" }

    private func hasSegments(_ db: Database) throws -> Bool { try db.tableExists("segments") }

    /// Those with this name or path that are in a whole still. Looks at every manifest that has the name in it, newest first.
    func findCoalesced(file: String, limit: Int) throws(LedgerError) -> [Entry] {
        // A manifest has the last part of it: the name as dropped, or the path of a file that could not get that name.
        let name = file.split(separator: "/").last.map(String.init) ?? file
        var found: [Entry] = []
        try forEachWhole("superseded_by IS NULL AND instr(manifest, CAST(?1 AS BLOB)) > 0 ORDER BY row DESC", [name]) { entry, manifest in
            let files = manifest.present.map { entry.source.asIfAlone($0.segment) }.filter { $0.isNamed(file, in: entry.spool) }
            found += files.map { Entry(source: $0, spool: entry.spool, companions: entry.source.fileCount - 1) }
            return found.count < limit
        }
        return found
    }

    /// The files that a row carries, each as if it were alone: itself in the ordinary case.
    ///
    /// - Returns: nil where its manifest is missing or damaged.
    package func files(of entry: Entry) throws(LedgerError) -> [SourceRow]? {
        guard entry.source.isCoalesced else { return [entry.source] }
        let source = entry.source
        return try reading { db in
            guard
                let text = try Row.fetchOne(db, sql: "SELECT manifest FROM segments WHERE source = ?", arguments: [source.id.row])?.bytes(0)
            else { return nil }
            let manifest = text.withUnsafeBytes {
                SegmentManifest(encoded: $0, claim: source.file.claim, directory: source.file.directory)
            }
            return manifest?.present.map { source.asIfAlone($0.segment) }
        }
    }

    /// Files of a spool with one of these names that are in a whole still. A pass over its manifests.
    func coalesced(names: Set<String>, spool: String) throws(LedgerError) -> [Entry] {
        var found: [Entry] = []
        try forEachWhole("spools.path = ?1 AND superseded_by IS NULL", [spool]) { entry, manifest in
            for (_, segment) in manifest.present where names.contains(segment.file.name) {
                found.append(Entry(source: entry.source.asIfAlone(segment), spool: entry.spool))
            }
            return true
        }
        return found
    }

    /// Looks at coalesced sources with their manifests, one at a time.
    ///
    /// - Parameter look: whether to go on.
    func forEachWhole(
        _ condition: String, _ arguments: StatementArguments, _ look: (Entry, SegmentManifest) -> Bool
    ) throws(LedgerError) {
        let prefix = identity.prefix
        try reading { db in
            guard try hasSegments(db) else { return }
            let names = try NameTables(reading: db)
            let columns = try SourceColumns.qualifiedSelection(db)
            let sql = """
                SELECT \(columns), spools.path, manifest FROM segments JOIN sources ON sources.row = segments.source
                JOIN spools ON spools.number = sources.spool WHERE \(condition)
                """
            let cursor = try Row.fetchCursor(db, sql: sql, arguments: arguments)
            while let row = try cursor.next() {
                guard let source = SourceColumns.decode(row, prefix: prefix, names: names), let text = row.bytes(SourceColumns.count + 1),
                    let manifest = text.withUnsafeBytes({
                        SegmentManifest(encoded: $0, claim: source.file.claim, directory: source.file.directory)
                    })
                else { continue }
                if !look(Entry(source: source, spool: row[SourceColumns.count]), manifest) { return }
            }
        }
    }
}

extension SourceRow {
    /// Whether somebody means this file by a name as dropped, a path below the spool's root, where it is now, or an absolute path.
    fileprivate func isNamed(_ text: String, in spool: String) -> Bool {
        var names = [file.name, file.relativePath, "\(spool)/\(file.relativePath)"]
        switch location {
        case .done(let path), .failed(let path): names += [path, "\(spool)/\(path)"]
        case .active, .deleted, .vanished: break
        }
        return names.contains(text)
    }
}
