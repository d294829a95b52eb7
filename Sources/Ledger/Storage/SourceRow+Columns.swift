import Foundation
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
        location, path, code, reason, decided_at, supersedes, work, status_table
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
    static func decode(_ row: Row, prefix: SourceID.Prefix, names: NameTables) -> SourceRow? {
        guard let state = state(of: row), let location = location(of: row), let number: Int64 = row[0], let work = Work(rawValue: row[34])
        else { return nil }
        let file = LedgerFile(
            claim: row[3], directory: row[4], name: row[5], size: row[6], modified: row[7], changed: row[8],
            inode: UInt64(bitPattern: row[9] as Int64))
        let progress = SourceProgress(state: state, posts: row[17], postsInDoubt: row[18], deferrals: row[19])
        let due: Int64 = row[2]
        let claimedAt: Int64 = row[10]
        let decidedAt: Int64? = row[32]
        let properties: Int64? = row[27]
        return SourceRow(
            id: SourceID(prefix: prefix, row: number), spool: SpoolKey(row[1]), file: file, work: work, progress: progress,
            claimedAt: Timestamp(microseconds: claimedAt), due: Timestamp(microseconds: due), blob: blob(of: row, names),
            properties: properties.flatMap { names.properties[$0] }, location: location, code: row[30], reason: row[31],
            decidedAt: decidedAt.map(Timestamp.init(microseconds:)), supersedes: row[33],
            statusTable: (row[35] as Int64?).flatMap { names.containers[$0] })
    }

    private static func blob(of row: Row, _ names: NameTables) -> UploadedBlob? {
        guard let container: Int64 = row[20], let url = names.containers[container], let attempt: Int64 = row[21],
            let encoding = (row[22] as Int?).flatMap(BlobEncoding.init(rawValue:)),
            let sentSize: Int64 = row[24], let md5: Data = row[25], let uploadedAt: Int64 = row[26]
        else { return nil }
        return UploadedBlob(
            container: url, attempt: UploadAttempt(packed: attempt), encoding: encoding, rawSize: row[23], sentSize: sentSize,
            md5: Array(md5),
            uploadedAt: Timestamp(microseconds: uploadedAt))
    }

    private static func state(of row: Row) -> SourceState? {
        let instant = Timestamp(microseconds: row[12] ?? 0)
        let stage = (row[13] as Int?).flatMap(SourceState.Stage.init(rawValue:))
        guard let code = StateCode(rawValue: row[11]) else { return nil }
        switch code {
        case .claimed: return .claimed
        case .posting: return .posting
        case .queued: return .queued
        case .ambiguous: return .ambiguous(repostAt: instant)
        case .deferred: return stage.map { .deferred(until: instant, stage: $0) }
        case .held:
            guard let reason = (row[14] as String?).flatMap(HoldReason.init(rawValue:)), let stage else { return nil }
            return .held(reason, stage: stage)
        case .settled: return (row[15] as Int?).flatMap(Verdict.init(rawValue:)).map(SourceState.settled)
        case .superseded: return (row[16] as Int64?).map(SourceState.superseded(by:))
        }
    }

    private static func location(of row: Row) -> FileLocation? {
        guard let code = LocationCode(rawValue: row[28]) else { return nil }
        switch code {
        case .active: return .active
        case .done: return (row[29] as String?).map(FileLocation.done(path:))
        case .failed: return (row[29] as String?).map(FileLocation.failed(path:))
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
