import IngestionModel
import KustoIngest
import KustoWire
import Ledger
import Logging
import SpoolDirectory
import SpoolPrimitives

/// One source's way from `.active` to `queued`, or to whatever comes instead. Every outcome is committed; nothing is only logged.
struct SourcePipeline: Sendable {
    let context: EngineContext
    let uploader: Uploader
    let poster: MessagePoster

    init(_ context: EngineContext) {
        self.context = context
        uploader = Uploader(context: context, attempts: AttemptCounter(run: context.ledger.identity.run))
        poster = MessagePoster(context: context)
    }

    func run(_ row: SourceRow, of spool: Spool) async throws(LedgerError) {
        // §4: properties freeze at the first posting; before it the configuration of today counts.
        let properties = row.properties ?? spool.properties
        if properties.reportsToTable, StatusInserter(context: context).table(for: row) == nil {
            return try await deferSource(
                row, "the route reports to a status table, and the service lends none", code: nil, retryAfter: nil)
        }
        guard let blob = try await standingBlob(row) else {
            return try await uploadAndPost(row, of: spool, properties: properties)
        }
        try await post(row, of: spool, blob: blob, properties: properties)
    }

    /// The blob of an earlier attempt that can still be posted: not older than an hour, its container in the snapshot with a SAS that has four
    /// hours to live (protocol.md §3).
    private func standingBlob(_ row: SourceRow) async throws(LedgerError) -> UploadedBlob? {
        guard let blob = row.blob, let (snapshot, serverTime) = context.resources.present,
            let container = snapshot.container(blob.container),
            context.time.wallNow - blob.uploadedAt < .seconds(3600)
        else { return nil }
        return snapshot.isOutlived(container, at: serverTime) ? nil : blob
    }

    private func uploadAndPost(_ row: SourceRow, of spool: Spool, properties: IngestionProperties) async throws(LedgerError) {
        switch await uploader.upload(row, of: spool, properties: properties) {
        case .uploaded(_, let separations) where !separations.isEmpty && row.progress.possibleCopies > 0:
            // The blob would not be what the message of before has said.
            try await giveUpRepost(row, of: spool, separations[0].reason)
        case .uploaded(let blob, let separations):
            await context.hooks.at(.uploaded)
            // What is not in the blob must not be in the source that it is posted for.
            guard try await separate(separations, from: row) else { return }
            try await post(row, of: spool, blob: blob, properties: properties)
        case .nothingLeft(let separations) where row.progress.possibleCopies > 0:
            try await giveUpRepost(row, of: spool, separations.first?.reason ?? "no file of it is left")
        case .nothingLeft(let separations):
            _ = try await separate(separations, from: row)
        case .changed(let why, _) where row.progress.possibleCopies > 0:
            try await giveUpRepost(row, of: spool, why)
        case .changed(let why, let now):
            try await changed(row, why, now, of: spool)
        case .failed(let why, let code, let retryAfter):
            try await deferSource(row, why, code: code, retryAfter: retryAfter)
        case .skipped(let reason) where row.progress.possibleCopies > 0:
            try await giveUpRepost(row, of: spool, reason.explanation)
        case .skipped(let reason):
            try await commit(row, .skipped(reason), code: reason.rawValue, reason: reason.explanation)
            context.signals.verdicts.raise()
        case .held(let reason, let why):
            try await hold(row, of: spool, reason, why)
        case .vanished:
            try await hold(row, of: spool, .vanished, "the file is not in its claim's directory any more; another hand removed it")
        case .cancelled:
            // The daemon stops: the row stays claimed, and the next start uploads again.
            break
        }
    }

    private func post(_ row: SourceRow, of spool: Spool, blob: UploadedBlob, properties: IngestionProperties) async throws(LedgerError) {
        if Task.isCancelled { return }
        let table = properties.reportsToTable ? StatusInserter(context: context).table(for: row) : nil
        let committed = try await CommittedPosting.commit(
            row, blob: blob, properties: properties, statusTable: table, in: context.ledger, at: context.time.wallNow)
        guard let posting = committed else { return }
        await context.hooks.at(.postingCommitted)
        let outcome = await poster.post(posting)
        await context.hooks.at(.posted)
        let now = context.time.wallNow
        switch outcome {
        case .accepted:
            try await commit(row, .postAccepted, deadline: now + spool.rules.verdictDeadline)
            await context.hooks.at(.queuedCommitted)
            context.signals.posted(reporting: properties)
        case .inDoubt(let why, let code):
            try await commit(row, .postInDoubt(repostAt: now + spool.rules.repostsAfter), code: code, reason: why)
            context.signals.posted(reporting: properties)
        case .refused(let why, let code, let retryAfter):
            try await commit(row, .postRefused(retryAt: retryTime(row, retryAfter)), code: code, reason: why)
        case .notComposed(let why, let needsUpload):
            let retryAt = needsUpload ? now : retryTime(row, nil)
            try await commit(row, .postRefused(retryAt: retryAt), reason: why)
        }
    }

    /// §3.3: not before it can be quiet; then it is read from the start again, as what it is now. What changes again meanwhile is found
    /// again.
    private func changed(_ row: SourceRow, _ why: String, _ now: LedgerFile, of spool: Spool) async throws(LedgerError) {
        let until = retryTime(row, spool.rules.completeness.quietTime)
        try await commit(row, .deferred(until: until), file: now, code: "changed", reason: why)
    }

    /// Files that travel alone from now on.
    ///
    /// - Returns: whether they have left; false where the source was decided meanwhile.
    private func separate(_ separations: [Separation], from row: SourceRow) async throws(LedgerError) -> Bool {
        if separations.isEmpty { return true }
        let now = context.time.wallNow
        let change = SourceChange(row: row.id.row, .separated(isDecided: false), at: now, separations: separations)
        guard case .source(let progress, _) = try await context.ledger.commit(.source(change)) else { return false }
        context.signals.sources.raise()
        return !progress.state.isDecided
    }

    // MARK: - Commits

    private func deferSource(_ row: SourceRow, _ why: String, code: String?, retryAfter: Duration?) async throws(LedgerError) {
        try await commit(row, .deferred(until: retryTime(row, retryAfter)), code: code, reason: why)
    }

    private func retryTime(_ row: SourceRow, _ retryAfter: Duration?) -> Timestamp {
        context.time.wallNow
            + RetryPolicy.source.delay(
                afterFailure: row.progress.deferrals + 1, retryAfter: retryAfter, random: context.random.unit())
    }

    /// A repost that cannot be made, since the bytes of the first post are no more: its own notification may still bring a verdict, until the
    /// deadline.
    private func giveUpRepost(_ row: SourceRow, of spool: Spool, _ why: String) async throws(LedgerError) {
        let now = context.time.wallNow
        let deadline = row.claimedAt + spool.rules.verdictDeadline
        if now >= deadline {
            try await commit(
                row, .deadlinePassed(reportsSuccesses: true), reason: "\(why); it cannot be posted again, and no notification came")
        } else {
            try await commit(row, .deferred(until: min(deadline, now + .seconds(600))), reason: why)
        }
    }

    private func hold(_ row: SourceRow, of spool: Spool, _ reason: HoldReason, _ why: String) async throws(LedgerError) {
        if row.progress.possibleCopies > 0 {
            try await giveUpRepost(row, of: spool, why)
            return
        }
        context.logger.error("a file is held", metadata: ["source": "\(row.id)", "file": "\(row.fileDescription)", "reason": "\(why)"])
        try await commit(row, .held(reason), deadline: context.time.wallNow + .seconds(60), code: reason.rawValue, reason: why)
    }

    private func commit(
        _ row: SourceRow, _ event: SourceEvent, deadline: Timestamp? = nil, file: LedgerFile? = nil, code: String? = nil,
        reason: String? = nil
    ) async throws(LedgerError) {
        let change = SourceChange(
            row: row.id.row, event, at: context.time.wallNow, deadline: deadline, file: file, code: code, reason: reason)
        if case .refused(let illegal) = try await context.ledger.commit(.source(change)) {
            context.logger.error("a transition was refused", metadata: ["source": "\(row.id)", "error": "\(illegal)"])
        }
    }
}
