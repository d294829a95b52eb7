import GRDB
import IngestionModel
import KustoWire
import SpoolPrimitives

/// How a ``SourceRow`` stands in its columns. The one place that knows the numbers.
enum SourceColumns {
    /// Every column that ``decode`` reads, in its order.
    static let selection = """
        row, spool, due, claim, directory, name, size, modified, changed, inode, claimed_at, state, state_at, stage, hold, verdict, \
        superseded_by, posts, posts_in_doubt, deferrals, container, attempt, encoding, raw_size, sent_size, md5, uploaded_at, properties, \
        location, path, code, reason, decided_at, supersedes, work, status_table, members
        """

    /// The same for a query that has other tables and columns behind these, from a ledger that may be of an earlier version: the daemon migrates it at its
    /// start, and until then what is not there is NULL.
    static func qualifiedSelection(_ db: Database) throws -> String {
        let known = Set(try db.columns(in: "sources").map(\.name))
        return columns.map { known.contains($0) ? "sources.\($0)" : "NULL" }.joined(separator: ", ")
    }

    /// Where the first column behind the selection is.
    static let count = columns.count
    private static let columns = selection.split(separator: ", ").map(String.init)

    /// Reads a row selected by ``selection``; nil when its columns contradict each other (a ledger damaged by another hand).
    static func decode(_ row: some ColumnSource, prefix: SourceID.Prefix, names: NameTables) -> SourceRow? {
        guard let number = row.integer(0), let spool = row.integer(1), let due = row.integer(2), let file = file(of: row),
            let claimedAt = row.integer(10), let state = state(of: row), let posts = row.integer(17), let postsInDoubt = row.integer(18),
            let deferrals = row.integer(19), let location = location(of: row), let work = row.integer(34).flatMap(Work.init(rawValue:))
        else { return nil }
        let members = row.integer(36).map { Int($0) }
        return SourceRow(
            id: SourceID(prefix: prefix, row: number), spool: SpoolKey(spool), file: file, members: members, work: work,
            progress: SourceProgress(
                state: state, posts: Int(posts), postsInDoubt: Int(postsInDoubt), deferrals: Int(deferrals), isCoalesced: members != nil),
            claimedAt: Timestamp(microseconds: claimedAt), due: Timestamp(microseconds: due), blob: blob(of: row, names),
            properties: row.integer(27).flatMap { names.properties[$0] }, location: location, code: row.text(30), reason: row.text(31),
            decidedAt: row.integer(32).map(Timestamp.init(microseconds:)), supersedes: row.integer(33),
            statusTable: row.integer(35).flatMap { names.containers[$0] })
    }

    private static func file(of row: some ColumnSource) -> LedgerFile? {
        guard let claim = row.text(3), let directory = row.text(4), let name = row.text(5), let size = row.integer(6),
            let modified = row.integer(7), let changed = row.integer(8), let inode = row.integer(9)
        else { return nil }
        return LedgerFile(
            claim: claim, directory: directory, name: name, size: size, modified: modified, changed: changed,
            inode: UInt64(bitPattern: inode))
    }

    private static func blob(of row: some ColumnSource, _ names: NameTables) -> UploadedBlob? {
        guard let url = row.integer(20).flatMap({ names.containers[$0] }), let attempt = row.integer(21),
            let encoding = row.integer(22).flatMap({ BlobEncoding(rawValue: Int($0)) }), let sentSize = row.integer(24),
            let md5 = row.bytes(25), let uploadedAt = row.integer(26)
        else { return nil }
        return UploadedBlob(
            container: url, attempt: UploadAttempt(packed: attempt), encoding: encoding, rawSize: row.integer(23), sentSize: sentSize,
            md5: md5, uploadedAt: Timestamp(microseconds: uploadedAt))
    }

    private static func state(of row: some ColumnSource) -> SourceState? {
        let instant = Timestamp(microseconds: row.integer(12) ?? 0)
        let stage = row.integer(13).flatMap { SourceState.Stage(rawValue: Int($0)) }
        guard let code = row.integer(11).flatMap({ StateCode(rawValue: Int($0)) }) else { return nil }
        switch code {
        case .claimed: return .claimed
        case .posting: return .posting
        case .queued: return .queued
        case .ambiguous: return .ambiguous(repostAt: instant)
        case .deferred: return stage.map { .deferred(until: instant, stage: $0) }
        case .held:
            guard let reason = row.text(14).flatMap(HoldReason.init(rawValue:)), let stage else { return nil }
            return .held(reason, stage: stage)
        case .settled: return row.integer(15).flatMap { Verdict(rawValue: Int($0)) }.map(SourceState.settled)
        case .superseded: return row.integer(16).map(SourceState.superseded(by:))
        }
    }

    private static func location(of row: some ColumnSource) -> FileLocation? {
        guard let code = row.integer(28).flatMap({ LocationCode(rawValue: Int($0)) }) else { return nil }
        switch code {
        case .active: return .active
        case .done: return row.text(29).map(FileLocation.done(path:))
        case .failed: return row.text(29).map(FileLocation.failed(path:))
        case .deleted: return .deleted
        case .vanished: return .vanished
        }
    }
}

/// The column `state`.
enum StateCode: Int {
    case claimed = 1
    case posting = 2
    case queued = 3
    case ambiguous = 4
    case deferred = 5
    case held = 6
    case settled = 7
    case superseded = 8
}

/// The column `location`.
enum LocationCode: Int {
    case active = 0
    case done = 1
    case failed = 2
    case deleted = 3
    case vanished = 4
}

/// A state spread over its columns.
struct StateColumns {
    var code: StateCode
    var instant: Int64?
    var stage: Int?
    var hold: String?
    var verdict: Int?
    var supersededBy: Int64?

    init(_ state: SourceState) {
        switch state {
        case .claimed: code = .claimed
        case .posting: code = .posting
        case .queued: code = .queued
        case .ambiguous(let repostAt):
            code = .ambiguous
            instant = repostAt.microseconds
        case .deferred(let until, let stage):
            code = .deferred
            instant = until.microseconds
            self.stage = stage.rawValue
        case .held(let reason, let stage):
            code = .held
            hold = reason.rawValue
            self.stage = stage.rawValue
        case .settled(let verdict):
            code = .settled
            self.verdict = verdict.rawValue
        case .superseded(let row):
            code = .superseded
            supersededBy = row
        }
    }
}

extension FileLocation {
    var columns: (code: LocationCode, path: String?) {
        switch self {
        case .active: (.active, nil)
        case .done(let path): (.done, path)
        case .failed(let path): (.failed, path)
        case .deleted: (.deleted, nil)
        case .vanished: (.vanished, nil)
        }
    }
}
