import IngestionModel
import Ledger
import Logging
import SpoolDirectory
import SpoolPrimitives

/// Looks at every file that may still be read for its source, once a start (protocol.md §3, last paragraphs).
///
/// What a producer never made durable, a power cut takes back: a file may come back shorter than its row. It is held with an alert, and never
/// ingested cut short. Admission bounds how many there are.
struct UnpostedFileCheck {
    let context: EngineContext
    let spool: Spool
    private static let page = 256

    init(context: EngineContext, spool: Spool) {
        self.context = context
        self.spool = spool
    }

    func run() async throws {
        var last: Int64 = 0
        while true {
            let rows = try await context.ledger.unposted(spool: spool.key, after: last, limit: Self.page)
            guard let end = rows.last else { return }
            last = end.id.row
            for row in rows where row.isCoalesced { try await checkWhole(row) }
            let alone = rows.filter { !$0.isCoalesced }
            let root = spool.root
            let identities = try await context.files.run { () throws(SpoolError) in
                try alone.map { row throws(SpoolError) -> FileIdentity? in
                    guard let file = row.file.claimedFile else { return nil }
                    return try root.identity(of: file.name, in: file.claim)
                }
            }
            _ = try await context.ledger.commit(zip(alone, identities).compactMap { change(for: $0, found: $1) })
        }
    }

    /// Files of a whole that are not what they were leave it, as long as nothing of it was posted; they have rows of higher numbers then, which this check
    /// comes to. Else the whole is held: what its message says cannot be sent again.
    private func checkWhole(_ row: SourceRow) async throws {
        let files = try await context.ledger.manifest(of: row).present
        let root = spool.root
        let identities = try await context.files.run { () throws(SpoolError) in
            try files.map { _, segment throws(SpoolError) -> FileIdentity? in
                guard let file = segment.file.claimedFile else { return nil }
                return try root.identity(of: file.name, in: file.claim)
            }
        }
        let separations = zip(files, identities).compactMap { file, found -> Separation? in
            guard let found else {
                return Separation(index: file.index, code: HoldReason.vanished.rawValue, reason: "it is not in its claim's directory")
            }
            if found.size == file.segment.file.size { return nil }
            return Separation(
                index: file.index, code: HoldReason.sizeDiffers.rawValue,
                reason: "\(file.segment.file.relativePath) has \(found.size) bytes and had \(file.segment.file.size) when it was claimed")
        }
        guard let first = separations.first else { return }
        let now = context.time.wallNow
        if row.progress.possibleCopies == 0 {
            _ = try await context.ledger.commit(
                .source(SourceChange(row: row.id.row, .separated(isDecided: false), at: now, separations: separations)))
        } else if case .held = row.progress.state {
            return
        } else {
            alert(row, first.reason)
            _ = try await context.ledger.commit(
                .source(
                    SourceChange(
                        row: row.id.row, .held(.sizeDiffers), at: now, deadline: now + .seconds(60), code: first.code, reason: first.reason)
                ))
        }
    }

    private func change(for row: SourceRow, found: FileIdentity?) -> LedgerChange? {
        let now = context.time.wallNow
        guard let found else {
            alert(row, "it is not in its claim's directory")
            if case .held = row.progress.state { return .disposed(row: row.id.row, .vanished, at: now) }
            return .source(
                SourceChange(
                    row: row.id.row, .held(.vanished), at: now, code: HoldReason.vanished.rawValue,
                    reason: "the file is not in its claim's directory any more; another hand removed it"))
        }
        if case .held = row.progress.state { return nil }
        if found.size == row.file.size { return nil }
        let why = "the file has \(found.size) bytes and had \(row.file.size) when it was claimed; `kusto-spool retry` sends it as it is"
        alert(row, why)
        return .source(
            SourceChange(
                row: row.id.row, .held(.sizeDiffers), at: now, deadline: now + .seconds(60), code: HoldReason.sizeDiffers.rawValue,
                reason: why))
    }

    private func alert(_ row: SourceRow, _ why: String) {
        context.logger.error(
            "a claimed file is not what it was before the start",
            metadata: ["source": "\(row.id)", "file": "\(row.fileDescription)", "spool": "\(spool.root.path)", "reason": "\(why)"])
    }
}
