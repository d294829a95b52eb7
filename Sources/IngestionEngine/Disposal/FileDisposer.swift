import IngestionModel
import Ledger
import Logging
import ServiceLifecycle
import SpoolDirectory
import SpoolPrimitives

/// Puts settled files where their verdicts want them, in batches, and remembers that it did (protocol.md §3.7, §3.8).
package actor FileDisposer: Service {
    private let context: EngineContext
    private let stopping = Flag()

    package init(_ context: EngineContext) { self.context = context }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await dispose()
        } onGracefulShutdown: { [stopping, signals = context.signals] in
            stopping.set()
            signals.verdicts.raise()
        }
    }

    private func dispose() async throws {
        var retryAt: Timestamp?
        while true {
            let isLast = stopping.isSet || Task.isCancelled
            retryAt = try await disposeAll() ? nil : context.time.wallNow + .seconds(30)
            if isLast { return }
            let wait = retryAt.map { $0 - context.time.wallNow } ?? .seconds(600)
            await context.signals.verdicts.wait(atMost: wait, on: context.time)
        }
    }

    /// - Returns: false where a file could not be moved and has to be tried again.
    private func disposeAll() async throws -> Bool {
        var isDone = true
        for spool in context.spools {
            var after: Timestamp?
            while true {
                let rows = try await context.ledger.rows(.disposal, spool: spool.key, limit: 256)
                let left = try await dispose(rows, of: spool)
                // What could not be moved stays in the index: a batch of nothing else would come back for ever.
                if left > 0 { isDone = false }
                if rows.count < 256 || left == rows.count { break }
                if after == rows.last?.due { break }
                after = rows.last?.due
            }
        }
        return isDone
    }

    /// - Returns: how many could not be moved now.
    private func dispose(_ rows: [SourceRow], of spool: Spool) async throws -> Int {
        if rows.isEmpty { return 0 }
        var batch: [(row: SourceRow, disposal: Disposal)] = []
        var left = 0
        for row in rows {
            guard let file = row.file.claimedFile, let target = target(of: row, in: spool) else { continue }
            if case .active = row.location {
                batch.append((row, Disposal(file, to: target)))
            } else if !(try await relocate(row, file, to: target, of: spool)) {
                left += 1
            }
        }
        let disposals = batch.map(\.disposal)
        let outcomes = try await context.files.run { () throws(SpoolError) in try spool.root.dispose(disposals) }
        await context.hooks.at(.fileDisposed)
        var changes: [LedgerChange] = []
        for ((row, disposal), outcome) in zip(batch, outcomes) {
            let stored = try await self.changes(for: row, disposal, outcome, of: spool)
            if stored.isEmpty { left += 1 }
            changes += stored
        }
        _ = try await context.ledger.commit(changes)
        await context.hooks.at(.disposalCommitted)
        return left
    }

    private func target(of row: SourceRow, in spool: Spool) -> DisposalTarget? {
        guard case .settled(let verdict) = row.progress.state,
            let destination = FileDestination.needed(for: verdict, at: row.location, deletesOnSuccess: spool.rules.deletesOnSuccess)
        else { return nil }
        switch destination {
        case .done: return .done(date: UTCDate(row.decidedAt ?? row.claimedAt))
        case .failed: return .failed(reason: FailedFileReason.encode(row, verdict: verdict))
        case .delete: return .removed
        }
    }

    private func changes(
        for row: SourceRow, _ disposal: Disposal, _ outcome: DisposalOutcome, of spool: Spool
    ) async throws -> [LedgerChange] {
        let number = row.id.row
        let now = context.time.wallNow
        switch outcome {
        case .moved(let path), .alreadyThere(let path):
            return [.disposed(row: number, Self.location(path), at: now)]
        case .removed:
            return [.disposed(row: number, .deleted, at: now)]
        case .vanished:
            // After a removal, that is what was wanted.
            let location: FileLocation = disposal.target == .removed ? .deleted : .vanished
            return [.disposed(row: number, location, at: now)]
        case .changed(let changed):
            return try await keepChanged(row, disposal, changed, of: spool)
        case .refused(let error):
            context.logger.error(
                "a file cannot be moved to where its verdict wants it; tried again in 30 s",
                metadata: ["source": "\(row.id)", "error": "\(error)"])
            return []
        }
    }

    /// §3.7: a file that changed since its claim is never deleted: failed/, with the event `changed_after_post`.
    private func keepChanged(
        _ row: SourceRow, _ disposal: Disposal, _ changed: FileChanges, of spool: Spool
    ) async throws -> [LedgerChange] {
        let why = "the file changed after it was read (\(changed)): what was ingested is what it was before"
        let kept = disposal.disregardingChanges(reason: FailedFileReason.encode(row, verdict: nil, why: why))
        let outcome = try await context.files.run { () throws(SpoolError) in try spool.root.dispose([kept]) }
        guard case .moved(let path)? = outcome.first else { return [] }
        let now = context.time.wallNow
        return [.changedAfterPost(row: row.id.row, Self.location(path), why: why, at: now)]
    }

    /// A better verdict came when the file had been moved already (§2).
    private func relocate(_ row: SourceRow, _ file: ClaimedFile, to target: DisposalTarget, of spool: Spool) async throws -> Bool {
        let stored: RelativePath?
        switch row.location {
        case .done(let path), .failed(let path): stored = RelativePath(displayText: path)
        case .active, .deleted, .vanished: stored = nil
        }
        guard let stored else { return true }
        let kept: DisposalTarget = target == .removed ? .done(date: UTCDate(row.decidedAt ?? row.claimedAt)) : target
        let outcome = try await context.files.run { () throws(SpoolError) in
            try spool.root.move(stored, originally: file.name, from: file.directory, expecting: file.identity, to: kept)
        }
        switch outcome {
        case .moved(let path), .alreadyThere(let path):
            _ = try await context.ledger.commit(.disposed(row: row.id.row, Self.location(path), at: context.time.wallNow))
        case .vanished, .removed:
            // An operator has dealt with it, or retention has.
            _ = try await context.ledger.commit(.disposed(row: row.id.row, .vanished, at: context.time.wallNow))
        case .changed(let changes):
            // Moved before, and changed by another hand since: it stays there.
            let why = "the file changed after it was disposed of (\(changes)), and stays where it is although its verdict was corrected"
            _ = try await context.ledger.commit(
                .changedAfterPost(row: row.id.row, row.location, why: why, at: context.time.wallNow))
        case .refused(let error):
            context.logger.error(
                "a file cannot be moved to where its verdict wants it; tried again in 30 s",
                metadata: ["source": "\(row.id)", "error": "\(error)"])
            return false
        }
        return true
    }

    private static func location(_ path: RelativePath) -> FileLocation {
        path.displayText.hasPrefix("done/") ? .done(path: path.displayText) : .failed(path: path.displayText)
    }
}
