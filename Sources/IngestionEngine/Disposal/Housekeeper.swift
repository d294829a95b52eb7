import IngestionModel
import Ledger
import Logging
import ServiceLifecycle
import SpoolDirectory
import SpoolPrimitives

/// What is done now and then: done/ purged by age, rows forgotten, held files looked at again.
package actor Housekeeper: Service {
    private let context: EngineContext
    private let stopping = Flag()
    private let wake = Signal()

    package init(_ context: EngineContext) { self.context = context }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await keepHouse()
        } onGracefulShutdown: { [stopping, wake] in
            stopping.set()
            wake.raise()
        }
    }

    /// The rest of a start: what is in `.active` and what the ledger believes there, spool by spool.
    private func reconcile() async throws {
        for spool in context.spools where context.reconciled.isPending(spool.key) {
            if stopping.isSet || Task.isCancelled { return }
            do {
                guard try await ActiveReconciliation(context: context, spool: spool).run(until: stopping) else { return }
            } catch let error as SpoolError where error.kind != .fsyncFailed {
                context.logger.error(
                    "what is in .active cannot be compared with the ledger; tried again, and nothing of the spool is claimed before",
                    metadata: ["spool": "\(spool.root.path)", "error": "\(error)"])
                continue
            }
            context.reconciled.end(spool.key)
            context.signals.room.raise(spool.key)
            context.signals.verdicts.raise()
            context.signals.sources.raise()
        }
    }

    private func keepHouse() async throws {
        var nextPurge = context.time.monotonicNow
        var nextQuestion = context.time.monotonicNow + .seconds(3600)
        while !stopping.isSet, !Task.isCancelled {
            try await reconcile()
            try await lookAtHeld()
            try await answerRequests()
            if context.time.monotonicNow >= nextPurge {
                let isComplete = try await purge()
                try await forget()
                nextPurge = context.time.monotonicNow + (isComplete ? .seconds(3600) : .seconds(60))
            }
            if context.time.monotonicNow >= nextQuestion {
                try await Deadlines(context: context).askAgain { stopping.isSet }
                nextQuestion = context.time.monotonicNow + .seconds(3600)
            }
            // A spool that could not be compared takes no files until it is: as soon again as a watcher looks at one that it could not read.
            let isComparing = context.spools.contains { context.reconciled.isPending($0.key) }
            await wake.wait(atMost: .seconds(isComparing ? 5 : 15), on: context.time)
        }
    }

    /// Files that could not be read, or had another size after a restart: released as soon as that is mended (protocol.md §2: held files are
    /// retried by themselves).
    private func lookAtHeld() async throws {
        for spool in context.spools {
            for row in try await context.ledger.rows(.held, spool: spool.key, before: context.time.wallNow, limit: 256) {
                guard case .held(let reason, _) = row.progress.state else { continue }
                let files =
                    row.isCoalesced ? try await context.ledger.manifest(of: row).present.map(\.segment.file) : [row.file]
                let isOver = try await context.onFiles("looking at a held file") { () throws(SpoolError) in
                    for file in files.compactMap(\.claimedFile) {
                        let opening = try OpenClaimedFile.open(spool.root, file.claim, file.name, expecting: file.identity)
                        if !Self.ends(reason, opening) { return false }
                    }
                    return true
                }
                let now = context.time.wallNow
                if isOver == true {
                    _ = try await context.ledger.commit(.source(SourceChange(row: row.id.row, .released(at: now), at: now)))
                    context.signals.sources.raise()
                } else {
                    _ = try await context.ledger.commit(.lookAgain(row: row.id.row, at: now + .seconds(60)))
                }
            }
        }
    }

    /// Whether what a file is held for is over. A size that differed must be the row's again: what the producer never made durable is an
    /// operator's business (protocol.md §3).
    private static func ends(_ reason: HoldReason, _ opening: OpenClaimedFile.Opening) -> Bool {
        switch opening {
        case .unreadable: false
        case .changed: reason != .sizeDiffers
        case .unchanged, .vanished: true
        }
    }

    /// What operators asked for with `kusto-spool retry` and `settle`.
    private func answerRequests() async throws(LedgerError) {
        for request in try await context.ledger.requests() {
            let now = context.time.wallNow
            let event: SourceEvent? =
                switch request.verb {
                case .retry: .operatorRetry
                case .settleSucceeded: .operatorSettled(.succeeded)
                case .settleFailed: .operatorSettled(.failed)
                case nil: nil
                }
            var changes: [LedgerChange] = [.answered(request: request.number)]
            if let event {
                changes.insert(.source(SourceChange(row: request.row, event, at: now, reason: "asked for by the operator")), at: 0)
            }
            let outcomes = try await context.ledger.commit(changes)
            if case .refused(let illegal)? = outcomes.first {
                context.logger.warning(
                    "an operator's request cannot be carried out", metadata: ["row": "\(request.row)", "reason": "\(illegal)"])
            }
            context.signals.sources.raise()
            context.signals.verdicts.raise()
        }
    }

    /// §3.8: retention removes only disposed files.
    ///
    /// A file whose verdict is in the ledger may be in done/ with its disposal not committed, a crash ago or right now; then its directory's day is
    /// the day of its claim or a later one. So nothing goes from the day on which the first such file was claimed.
    /// - Returns: whether no such file kept anything from being purged.
    private func purge() async throws -> Bool {
        var isComplete = true
        for spool in context.spools {
            guard let keep = spool.rules.keepsDoneFor else { continue }
            // Asked for after the day is known: whatever is settled later goes to a later day's directory. The hour is for what is settled at
            // midnight, where nothing is kept.
            var before = UTCDate(context.time.wallNow - max(keep, .seconds(3600)))
            if let undisposed = try await context.ledger.earliestClaim(.disposal, spool: spool.key), UTCDate(undisposed) < before {
                before = UTCDate(undisposed)
                isComplete = false
            }
            let days = before
            while !stopping.isSet {
                let purged = try await context.onFiles("purging done/") { () throws(SpoolError) in try spool.root.purgeDone(before: days) }
                guard let result = purged else { break }
                if result.removed > 0 {
                    context.logger.info("done/ was purged", metadata: ["spool": "\(spool.root.path)", "files": "\(result.removed)"])
                }
                if result.isComplete { break }
            }
        }
        await context.hooks.at(.donePurged)
        return isComplete
    }

    /// In bounded commits, so that nobody waits long behind one.
    private func forget() async throws(LedgerError) {
        let limit = 2000
        while !stopping.isSet {
            guard case .forgotten(let count) = try await context.ledger.commit(.forget(before: context.time.wallNow, limit: limit)),
                count == limit
            else { return }
        }
    }
}
