import IngestionModel
import Ledger
import Logging
import SpoolDirectory
import SpoolPrimitives

/// What a start does before anything else (protocol.md §3, "On start"): rows and directories are made to agree.
///
/// - `.active` without a row: never uploaded; the rows are made now (rule 2). In an adopted spool it counts as ambiguous.
/// - `posting`: the message was perhaps put: ambiguous.
/// - Everything else goes on where its row says: claimed is uploaded again, queued waits, a verdict without disposal is disposed of.
package struct Recovery: Sendable {
    private let context: EngineContext

    package init(_ context: EngineContext) { self.context = context }

    package func run() async throws {
        try await markInterruptedPosts()
        for spool in context.spools { try await claimOrphans(of: spool) }
    }

    private func markInterruptedPosts() async throws(LedgerError) {
        var interrupted = 0
        while true {
            let rows = try await context.ledger.rows(.posting, limit: 512)
            if rows.isEmpty { break }
            let now = context.time.wallNow
            let changes = rows.map { row -> LedgerChange in
                let wait = context.spool(row.spool)?.rules.repostsAfter ?? SpoolRules().repostsAfter
                return .source(
                    SourceChange(
                        row: row.id.row, .interrupted(repostAt: now + wait), at: now,
                        reason: "the daemon ended while the message was on its way"))
            }
            _ = try await context.ledger.commit(changes)
            interrupted += rows.count
        }
        if interrupted > 0 {
            context.logger.notice("posts were interrupted by the end of the last run", metadata: ["sources": "\(interrupted)"])
        }
    }

    private func claimOrphans(of spool: Spool) async throws {
        let known = try await context.ledger.activeCounts(spool: spool.key)
        let listing = try await context.files.run { () throws(SpoolError) in try spool.root.activeClaims() }
        while let window = try await context.files.run({ () throws(SpoolError) in try listing.next() }) {
            switch window.content {
            case .foreign(let path):
                context.logger.warning(
                    "something that is not the daemon's is in .active, and is left alone",
                    metadata: ["spool": "\(spool.root.path)", "path": "\(path)"])
            case .claim(let claim, _, let names):
                if names.isEmpty {
                    if known[claim.text] == nil {
                        _ = try await context.files.run { () throws(SpoolError) in try spool.root.removeClaimDirectory(claim) }
                    }
                    continue
                }
                // The ordinary case, without a look at the names.
                if known[claim.text] == names.count { continue }
                try await claimOrphans(names, of: claim, in: spool)
            }
        }
    }

    private func claimOrphans(_ names: [FileName], of claim: ClaimName, in spool: Spool) async throws {
        let known = try await context.ledger.knownNames(claim: claim.text, spool: spool.key)
        let orphans = names.filter { !known.contains($0.displayText) }
        if orphans.isEmpty { return }
        let files = try await context.files.run { () throws(SpoolError) in try spool.root.identify(orphans, of: claim) }
        let now = context.time.wallNow
        let isAdopted = spool.root.previousOwner != nil
        let batch = ClaimedBatch(
            spool: spool.key, files: files.map(LedgerFile.init), at: now, adoptedRepostAt: isAdopted ? now + spool.rules.repostsAfter : nil)
        _ = try await context.ledger.commit(.claimed(batch))
        context.logger.notice(
            "files in .active had no row, and have one now",
            metadata: ["spool": "\(spool.root.path)", "files": "\(files.count)", "adopted": "\(isAdopted)"])
    }
}

extension LedgerFile {
    init(_ file: ClaimedFile) {
        self.init(
            claim: file.claim.text, directory: file.directory.displayText, name: file.name.displayText, size: file.identity.size,
            modified: file.identity.modified, changed: file.identity.changed, inode: file.identity.inode)
    }

    /// The claimed file that the row is about; nil when the row was damaged.
    var claimedFile: ClaimedFile? {
        guard let claim = ClaimName(claim), let name = FileName(displayText: name), let directory = RelativePath(displayText: directory)
        else { return nil }
        return ClaimedFile(claim: claim, name: name, directory: directory, identity: identity)
    }

    /// The same claimed file in another state.
    func become(_ now: FileIdentity) -> LedgerFile {
        LedgerFile(
            claim: claim, directory: directory, name: name, size: now.size, modified: now.modified, changed: now.changed, inode: now.inode)
    }

    /// Device numbers are not kept: they change across restarts.
    var identity: FileIdentity { FileIdentity(inode: inode, device: 0, size: size, modified: modified, changed: changed) }
}
