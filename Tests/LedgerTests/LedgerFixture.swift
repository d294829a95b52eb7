import GRDB
import IngestionModel
import KustoWire
import Ledger
import SpoolPrimitives
import SpoolTestSupport

/// A ledger in a temporary directory, real SQLite files, and short ways to fill it.
struct LedgerFixture {
    static let uuid = "11111111-2222-4333-8444-555555555555"
    static let at = Timestamp(seconds: 1_800_000_000)
    let directory: TemporaryDirectory
    var path: String { directory.path("ledger.sqlite") }

    static func with<Result>(_ body: (LedgerFixture) async throws -> Result) async throws -> Result {
        try await TemporaryDirectory.with { try await body(LedgerFixture(directory: $0)) }
    }

    /// Opens the ledger, gives it a spool, and closes it after `body`.
    func open<Result>(
        deletesOnSuccess: Bool = false, hasEvents: @escaping @Sendable () -> Void = {}, onFull: @escaping @Sendable () -> Bool = { false },
        _ body: (Ledger, SpoolKey) async throws -> Result
    ) async throws -> Result {
        let ledger = try Ledger.open(path: path, makeIdentity: { (Self.uuid, 0xABCD) }, hasEvents: hasEvents, onFull: onFull)
        defer { ledger.close() }
        let route = RouteOfSpool(database: "D", table: "T", deletesOnSuccess: deletesOnSuccess, verdictDeadline: .seconds(60))
        return try await body(ledger, try await ledger.register(spool: "/spool", route: route))
    }

    /// A connection of the test's own beside the ledger's.
    func database<Value>(_ body: (Database) throws -> Value) throws -> Value {
        let queue = try DatabaseQueue(path: path)
        let value = try queue.writeWithoutTransaction(body)
        try queue.close()
        return value
    }

    static func file(_ name: String) -> LedgerFile {
        LedgerFile(claim: "c-1", directory: "", name: name, size: 10, modified: 1, changed: 2, inode: .max)
    }

    static func blob(container: String = "https://account1.example/container1") -> UploadedBlob {
        UploadedBlob(
            container: container, attempt: UploadAttempt(run: 1, number: 7), encoding: .gzip, rawSize: 10, sentSize: 8,
            md5: Array(0..<16), uploadedAt: at)
    }

    static let properties = IngestionProperties(database: "D", table: "T", format: .csv)
}

extension Ledger {
    /// Claims files of these names; their rows.
    func claim(_ names: [String], _ spool: SpoolKey) async throws -> [Int64] {
        let outcome = try await commit(
            .claimed(ClaimedBatch(spool: spool, files: names.map(LedgerFixture.file), at: LedgerFixture.at)))
        guard case .claimed(let ids) = outcome else { throw TestSupportError("the claim was answered with \(outcome)") }
        return ids.map(\.row)
    }

    /// Applies events to a row one by one, as the engine does: with a blob where something is posted.
    @discardableResult
    func apply(_ events: [SourceEvent], to row: Int64) async throws -> LedgerOutcome {
        var outcome = LedgerOutcome.done
        for event in events { outcome = try await commit(.source(LedgerFixture.change(row, event))) }
        return outcome
    }
}

extension LedgerFixture {
    static func change(_ row: Int64, _ event: SourceEvent) -> SourceChange {
        var change = SourceChange(row: row, event, at: at, deadline: at + .seconds(60))
        if event == .posting {
            change.blob = blob()
            change.properties = properties
        }
        return change
    }
}

extension LedgerOutcome {
    var progress: SourceProgress? {
        if case .source(let progress, _) = self { progress } else { nil }
    }

    var isRefused: Bool {
        if case .refused = self { true } else { false }
    }
}
