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
    /// Of the last file: those of a batch were decided within seconds.
    private var day: UTCDate?

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
        while true {
            let isLast = stopping.isSet || Task.isCancelled
            for spool in context.spools where !context.reconciled.isPending(spool.key) { try await disposeAll(of: spool) }
            if isLast { return }
            // What could not be moved has got a later time; a verdict raises the signal.
            await context.signals.verdicts.wait(atMost: Self.retryAfter, on: context.time)
        }
    }

    private static let retryAfter: Duration = .seconds(30)

    private func disposeAll(of spool: Spool) async throws {
        while true {
            let rows = try await context.ledger.rows(.disposal, spool: spool.key, before: context.time.wallNow, limit: 256)
            if rows.isEmpty { return }
            await context.hooks.at(.disposalFound)
            try await dispose(rows, of: spool)
        }
    }

    /// Every row is disposed of by the end, or looked at again later: none comes back at once.
    private func dispose(_ rows: [SourceRow], of spool: Spool) async throws {
        var batch: [(row: SourceRow, disposal: Disposal)] = []
        var changes: [LedgerChange] = []
        for row in rows {
            if row.isCoalesced {
                let (made, isComplete) = try await CoalescedDisposer(context: context, spool: spool).dispose(row)
                changes += isComplete ? made : made + [later(row)]
                continue
            }
            guard let file = row.file.claimedFile, let target = target(of: row, in: spool) else {
                changes.append(later(row))
                continue
            }
            if case .active = row.location {
                batch.append((row, Disposal(file, to: target)))
            } else {
                changes.append(try await relocate(row, file, to: target, of: spool))
            }
        }
        let disposals = batch.map(\.disposal)
        let outcomes = try await context.files.run { () throws(SpoolError) in try spool.root.dispose(disposals) }
        await context.hooks.at(.fileDisposed)
        for ((row, disposal), outcome) in zip(batch, outcomes) {
            changes.append(try await change(for: row, disposal, outcome, of: spool))
        }
        _ = try await context.ledger.commit(changes)
        await context.hooks.at(.disposalCommitted)
    }

    private func later(_ row: SourceRow) -> LedgerChange { .lookAgain(row: row.id.row, at: context.time.wallNow + Self.retryAfter) }

    private func target(of row: SourceRow, in spool: Spool) -> DisposalTarget? {
        guard case .settled(let verdict) = row.progress.state,
            let destination = FileDestination.needed(for: verdict, at: row.location, deletesOnSuccess: spool.rules.deletesOnSuccess)
        else { return nil }
        switch destination {
        case .done: return .done(date: date(of: row))
        case .failed: return .failed(reason: FailedFileReason.encode(row, verdict: verdict))
        case .delete: return .removed
        }
    }

    private func date(of row: SourceRow) -> UTCDate {
        let instant = row.decidedAt ?? row.claimedAt
        if let day, day.holds(instant) { return day }
        let date = UTCDate(instant)
        day = date
        return date
    }

    private func change(
        for row: SourceRow, _ disposal: Disposal, _ outcome: DisposalOutcome, of spool: Spool
    ) async throws -> LedgerChange {
        let number = row.id.row
        let now = context.time.wallNow
        switch outcome {
        case .moved(let path), .alreadyThere(let path):
            return .disposed(row: number, Self.location(path), at: now)
        case .removed:
            return .disposed(row: number, .deleted, at: now)
        case .vanished:
            // After a removal, that is what was wanted.
            return .disposed(row: number, disposal.target == .removed ? .deleted : .vanished, at: now)
        case .changed(let changed):
            return try await keepChanged(row, disposal, changed, of: spool)
        case .changedThere(let path, let changed):
            return try await tellChanged(row, disposal, changed, at: path, of: spool)
        case .refused(let error):
            return refused(row, error)
        }
    }

    private func refused(_ row: SourceRow, _ error: SpoolError) -> LedgerChange {
        context.logger.error(
            "a file cannot be moved to where its verdict wants it; tried again in 30 s",
            metadata: ["source": "\(row.id)", "error": "\(error)"])
        return later(row)
    }

    /// §3.7: a file that changed since its claim is never deleted: failed/, with the event `changed_after_post`.
    private func keepChanged(
        _ row: SourceRow, _ disposal: Disposal, _ changed: FileChanges, of spool: Spool
    ) async throws -> LedgerChange {
        let why = Self.changedAfterReading(changed)
        let kept = disposal.disregardingChanges(reason: FailedFileReason.encode(row, verdict: nil, why: why))
        let outcome = try await context.files.run { () throws(SpoolError) in try spool.root.dispose([kept]) }
        await context.hooks.at(.changedFileKept)
        switch outcome.first {
        case .moved(let path)?:
            return .changedAfterPost(row: row.id.row, Self.location(path), why: why, at: context.time.wallNow)
        case .refused(let error)?:
            return refused(row, error)
        default:
            return later(row)
        }
    }

    private static func changedAfterReading(_ changed: FileChanges) -> String {
        "the file changed after it was read (\(changed)): what was ingested is what it was before"
    }

    /// §3.7: the crash came between the move of a changed file and its commit, or the file was changed where it had been moved to: the commit is missing,
    /// and in failed/ perhaps the reason. One that is there stays, since it says why the file was moved.
    private func tellChanged(
        _ row: SourceRow, _ disposal: Disposal, _ changed: FileChanges, at path: RelativePath, of spool: Spool
    ) async throws -> LedgerChange {
        let location = Self.location(path)
        guard case .failed = location else {
            return .changedAfterPost(row: row.id.row, location, why: Self.changedAfterDisposal(changed), at: context.time.wallNow)
        }
        let why = Self.changedAfterReading(changed)
        var kept = disposal.disregardingChanges(reason: FailedFileReason.encode(row, verdict: nil, why: why))
        kept.intended = path
        let outcome = try await context.onFiles("writing the reason of \(path)") { [kept] () throws(SpoolError) in
            if try spool.root.reason(for: path) != nil { return DisposalOutcome.alreadyThere(path) }
            return try spool.root.dispose([kept]).first ?? .vanished
        }
        guard case .alreadyThere? = outcome else { return later(row) }
        return .changedAfterPost(row: row.id.row, location, why: why, at: context.time.wallNow)
    }

    private static func changedAfterDisposal(_ changed: FileChanges) -> String {
        "the file changed after it was disposed of (\(changed)), and stays where it is"
    }

    /// A better verdict came when the file had been moved already (§2).
    private func relocate(
        _ row: SourceRow, _ file: ClaimedFile, to target: DisposalTarget, of spool: Spool
    ) async throws -> LedgerChange {
        let stored: RelativePath?
        switch row.location {
        case .done(let path), .failed(let path): stored = RelativePath(displayText: path)
        case .active, .deleted, .vanished: stored = nil
        }
        guard let stored else { return later(row) }
        let kept: DisposalTarget = target == .removed ? .done(date: date(of: row)) : target
        let moved = try await context.onFiles("moving \(spool.root.path)/\(stored)") { () throws(SpoolError) in
            try spool.root.move(stored, originally: file.name, from: file.directory, expecting: file.identity, to: kept)
        }
        let now = context.time.wallNow
        switch moved {
        case nil:
            return later(row)
        case .moved(let path)?, .alreadyThere(let path)?:
            return .disposed(row: row.id.row, Self.location(path), at: now)
        case .vanished?, .removed?, .changedThere?:
            // An operator has dealt with it, or retention has.
            return .disposed(row: row.id.row, .vanished, at: now)
        case .changed(let changes)?:
            // Moved before, and changed by another hand since: it stays there.
            let why = Self.changedAfterDisposal(changes) + " although its verdict was corrected"
            return .changedAfterPost(row: row.id.row, row.location, why: why, at: now)
        case .refused(let error)?:
            return refused(row, error)
        }
    }

    private static func location(_ path: RelativePath) -> FileLocation {
        let text = path.displayText
        return text.hasPrefix("done/") ? .done(path: text) : .failed(path: text)
    }
}
