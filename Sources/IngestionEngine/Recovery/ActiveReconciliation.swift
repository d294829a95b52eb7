import IngestionModel
import Ledger
import Logging
import SpoolDirectory
import SpoolPrimitives

/// Compares `.active` with the ledger, claim by claim: files without a row get one, rows without a file are told as vanished.
///
/// In the ordinary case one count a claim is all that is looked at.
struct ActiveReconciliation {
    let context: EngineContext
    let spool: Spool

    /// - Returns: whether it came to its end; not where the daemon is to stop.
    func run(until stopping: Flag) async throws -> Bool {
        let root = spool.root
        try await context.files.run { () throws(SpoolError) in try root.returnMarkers() }
        let known = try await context.ledger.activeCounts(spool: spool.key)
        guard let found = try await claimOrphans(known, until: stopping) else { return false }
        for (claim, count) in known where count > found[claim] ?? 0 { try await reportVanished(of: claim) }
        return true
    }

    /// - Returns: how many files each claim has; nil where the daemon is to stop.
    private func claimOrphans(_ known: [String: Int], until stopping: Flag) async throws -> [String: Int]? {
        let root = spool.root
        var found: [String: Int] = [:]
        let listing = try await context.files.run { () throws(SpoolError) in try root.activeClaims() }
        while let window = try await context.files.run({ () throws(SpoolError) in try listing.next() }) {
            if stopping.isSet || Task.isCancelled { return nil }
            switch window.content {
            case .foreign(let path):
                context.logger.warning(
                    "something that is not the daemon's is in .active, and is left alone",
                    metadata: ["spool": "\(root.path)", "path": "\(path)"])
            case .claim(let claim, _, let names):
                found[claim.text, default: 0] += names.count
                if names.isEmpty {
                    if known[claim.text] == nil {
                        _ = try await context.files.run { () throws(SpoolError) in try root.removeClaimDirectory(claim) }
                    }
                    continue
                }
                // The ordinary case, without a look at the names.
                if known[claim.text] == names.count { continue }
                try await claimOrphans(names, of: claim)
            }
        }
        return found
    }

    private func claimOrphans(_ names: [FileName], of claim: ClaimName) async throws {
        let known = try await context.ledger.knownNames(claim: claim.text, spool: spool.key)
        let orphans = names.filter { !known.contains($0.displayText) }
        if orphans.isEmpty { return }
        let root = spool.root
        let files = try await context.files.run { () throws(SpoolError) in try root.identify(orphans, of: claim) }
        let now = context.time.wallNow
        // The claim's name says whose it is, also when a crash came between an adoption and this, or when somebody removed `.spool`.
        let isAdopted = root.previousOwner != nil || !claim.isOf(ledger: context.ledger.identity.uuid)
        let batch = ClaimedBatch(
            spool: spool.key, files: files.map(LedgerFile.init), at: now, adoptedRepostAt: isAdopted ? now + spool.rules.repostsAfter : nil)
        _ = try await context.ledger.commit(.claimed(batch))
        // What counts as perhaps posted waits for a look at the reports that begins from now on.
        if isAdopted { for channel in ReportChannel.allCases { context.signals.posted(to: channel) } }
        context.logger.notice(
            "files in .active had no row, and have one now",
            metadata: ["spool": "\(root.path)", "files": "\(files.count)", "adopted": "\(isAdopted)"])
    }

    /// Rows that a message may be out for, and whose file is gone: `vanished`, an alert, nothing else. Unposted ones are ``UnpostedFileCheck``'s;
    /// settled ones are the disposer's, who knows where else to look.
    private func reportVanished(of claim: String) async throws {
        for row in try await context.ledger.activeRows(claim: claim, spool: spool.key) {
            switch row.progress.state {
            case .queued, .settled(.unconfirmed): break
            case .claimed, .posting, .ambiguous, .deferred, .held, .settled, .superseded: continue
            }
            if row.isCoalesced {
                try await reportVanished(row)
                continue
            }
            guard let file = row.file.claimedFile else { continue }
            let root = spool.root
            let identity = try await context.files.run { () throws(SpoolError) in try root.identity(of: file.name, in: file.claim) }
            if identity != nil { continue }
            context.logger.error(
                "a file whose message was posted has vanished from .active",
                metadata: ["source": "\(row.id)", "file": "\(row.file.relativePath)", "spool": "\(root.path)"])
            _ = try await context.ledger.commit(.disposed(row: row.id.row, .vanished, at: context.time.wallNow))
        }
    }

    /// Files of a whole whose message was posted: they cannot leave it before its verdict. Its disposal will not find them, and says so for each.
    private func reportVanished(_ row: SourceRow) async throws {
        let root = spool.root
        for (_, segment) in try await context.ledger.manifest(of: row).present {
            guard let file = segment.file.claimedFile else { continue }
            let identity = try await context.files.run { () throws(SpoolError) in try root.identity(of: file.name, in: file.claim) }
            if identity != nil { continue }
            context.logger.error(
                "a coalesced file whose message was posted has vanished from .active",
                metadata: ["source": "\(row.id)", "file": "\(segment.file.relativePath)", "spool": "\(root.path)"])
        }
    }
}
