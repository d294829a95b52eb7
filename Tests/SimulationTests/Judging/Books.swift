import Foundation
import GRDB
import IngestionModel

/// What is on disk: the ledger's rows and the events, read by other means than the daemon's own.
struct Books {
    struct Source {
        var row: Int64
        var id: String
        var spool: Int
        /// As dropped.
        var name: String
        var inode: UInt64
        var work: Int64
        var verdict: Int?
        var supersededBy: Int64?
        var hold: String?
        var location: Int
        var path: String?
        var text: String
        /// Of a file that was in a coalesced source and has a row of its own since.
        var departure: Departure?
    }

    /// How a file left its whole.
    enum Departure {
        /// The whole's message never had it.
        case before
        case after
    }

    struct Event {
        var seq: Int64?
        var name: String
        var source: String?
        var file: String?
        var successor: String?
        var verdict: String?
        var text: String
    }

    /// Each file of each source: of a coalesced one as many as it ever had.
    var sources: [Source] = []
    /// Those in the journal's files, then those that still wait in the outbox and are not in the files yet.
    var events: [Event] = []
    var journalCount = 0
    var outboxCount = 0

    /// Work that is over: see the ledger's ``Work``.
    static let remembered: Int64 = 9
    static let resting: Int64 = 8
    static let held: Int64 = 6

    init(_ world: World, eventsToo: Bool = true) throws {
        if eventsToo {
            for path in Self.journalFiles(world) {
                for line in (Disk.read(path) ?? []).split(separator: 10) { events.append(try Self.event(Data(line))) }
            }
        }
        journalCount = events.count
        guard Disk.exists(world.ledgerPath) else { return }
        try world.ledgerReader.read { db in
            func rows(_ sql: String) throws -> [Row] { try Row.fetchAll(db.cachedStatement(sql: sql)) }
            // A crash may come before the first migration, or before the ledger is anybody's.
            guard try db.schemaHas("segments"),
                let prefix = try rows("SELECT value FROM meta WHERE key = 'prefix'").first?["value"] as Int64?
            else {
                return
            }
            let roots = Dictionary(
                uniqueKeysWithValues: try rows("SELECT number, path FROM spools").map { row -> (Int64, String) in
                    (row["number"], row["path"])
                })
            var wholes: [Int64: [ManifestLine]] = [:]
            for row in try rows("SELECT source, manifest FROM segments") {
                let text: Data = row["manifest"]
                wholes[row["source"]] = try text.split(separator: 10).map { try ManifestLine(String(decoding: $0, as: UTF8.self)) }
            }
            let sourceRows = try rows("SELECT * FROM sources ORDER BY row")
            var successors: [Int64: Int64] = [:]
            for row in sourceRows { if let next: Int64 = row["superseded_by"] { successors[row["row"]] = next } }
            /// What a whole has had: what left it, what is in it, and what it handed over to the whole that supersedes it.
            func lines(of row: Int64) -> [(line: ManifestLine, isHandedOver: Bool)] {
                let own = (wholes[row] ?? []).map { (line: $0, isHandedOver: false) }
                guard let next = successors[row], wholes[next] != nil else { return own }
                return own + lines(of: next).map { (line: $0.line, isHandedOver: true) }
            }
            for row in sourceRows {
                let number: Int64 = row["row"]
                let inode: Int64 = row["inode"]
                let root = roots[row["spool"]] ?? ""
                let source = Source(
                    row: number, id: SourceID(prefix: .init(bits: UInt64(bitPattern: prefix)), row: number).description,
                    spool: world.settings.spools.indices.first { world.fleet.root(of: $0) == root } ?? -1, name: row["name"],
                    inode: UInt64(bitPattern: inode), work: row["work"], verdict: row["verdict"], supersededBy: row["superseded_by"],
                    hold: row["hold"], location: row["location"], path: row["path"],
                    text: "row \(number) \(row["name"] as String) state \(row["state"] as Int) work \(row["work"] as Int)"
                        + " due \(row["due"] as Int64) hold \(row["hold"] as String? ?? "-") reason \(row["reason"] as String? ?? "-")")
                guard (row["members"] as Int?) != nil else {
                    sources.append(source)
                    continue
                }
                for (line, isHandedOver) in lines(of: number) {
                    var file = source
                    file.name = line.name
                    file.inode = line.inode
                    if !isHandedOver, let departure = line.departure {
                        file.departure = departure.kind
                        file.supersededBy = departure.row
                    } else if let directory = source.path {
                        file.path = line.path ?? "\(directory)/\(line.name)"
                    }
                    sources.append(file)
                }
            }
            if !eventsToo { return }
            var last = events.last?.seq ?? 0
            for row in try rows("SELECT lines FROM outbox ORDER BY first_seq") {
                for line in (row["lines"] as Data).split(separator: 10) {
                    let event = try Self.event(line)
                    outboxCount += 1
                    // A crash between the append and its commit leaves a line in both.
                    if let seq = event.seq, seq <= last { continue }
                    last = event.seq ?? last
                    events.append(event)
                }
            }
        }
    }

    private static func journalFiles(_ world: World) -> [String] {
        let names = Disk.list("\(world.directory)/log").map(\.name)
        let rotated = names.filter { $0.hasPrefix("journal-") }
        return (rotated + names.filter { $0 == "journal.ndjson" }).map { "\(world.directory)/log/\($0)" }
    }

    private static func event(_ line: Data) throws -> Event {
        let fields = try JSONSerialization.jsonObject(with: line) as? [String: Any] ?? [:]
        return Event(
            seq: (fields["seq"] as? NSNumber)?.int64Value, name: fields["event"] as? String ?? "", source: fields["source"] as? String,
            file: fields["file"] as? String, successor: fields["successor"] as? String,
            verdict: fields["verdict"] as? String, text: String(decoding: line, as: UTF8.self))
    }
}

/// A connection that only reads, opened at the first look.
final class BookReader {
    private let path: String
    private var queue: DatabaseQueue?

    init(path: String) { self.path = path }

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        if let queue { return try queue.read(body) }
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        self.queue = queue
        return try queue.read(body)
    }

    /// Its last owner closes it.
    func close() { queue = nil }
}

extension Database {
    /// Asked each time, since the schema may have come since.
    fileprivate func schemaHas(_ table: String) throws -> Bool {
        try Row.fetchOne(cachedStatement(sql: "SELECT 1 FROM sqlite_schema WHERE name = ?"), arguments: [table]) != nil
    }
}

/// A line of a manifest, read apart from the daemon's reader.
private struct ManifestLine {
    var name: String
    var inode: UInt64
    var departure: (kind: Books.Departure, row: Int64)?
    var path: String?

    init(_ text: String) throws {
        let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 7, let inode = Int64(fields[4]) else { throw WorldError("a manifest has the line \(text)") }
        name = fields[0]
        self.inode = UInt64(bitPattern: inode)
        if let kind = fields[5].first {
            guard let row = Int64(fields[5].dropFirst()), kind == "a" || kind == "b" else {
                throw WorldError("a manifest has the line \(text)")
            }
            departure = (kind == "a" ? .after : .before, row)
        }
        path = fields[6].isEmpty ? nil : fields[6]
    }
}
