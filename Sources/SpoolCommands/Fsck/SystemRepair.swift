import IngestionEngine
import IngestionModel
import Ledger
import SpoolConfiguration
import SpoolDaemon
import SpoolDirectory
import SpoolPrimitives

/// Puts right what can be put right without knowing anything: nothing is moved to where it was not, and no file of a producer is removed.
///
/// Works under the daemon's own locks, so that no daemon runs meanwhile; everything else is left to the daemon's start or to the operator.
struct SystemRepair {
    let check: SystemCheck

    /// What was put right, and what a look behind it finds.
    struct Outcome {
        var repaired: [Difference] = []
        var refused: [String] = []
        var after: SystemCheck.Result
    }

    /// - Throws: `.locked` with the holder's pid where a daemon runs; nothing was changed then.
    func run() throws -> Outcome {
        let state = try StateDirectory.open(path: check.configuration.state)
        defer { state.unlock() }
        let before = check.look()
        var outcome = Outcome(after: before)
        for settings in check.configuration.spools { try repair(settings, before.differences, &outcome) }
        outcome.after = check.look()
        return outcome
    }

    private func repair(_ settings: SpoolSettings, _ found: DifferenceBook, _ outcome: inout Outcome) throws {
        var options = SpoolRoot.Options()
        options.networkFilesystem = settings.networkFilesystem
        let root: SpoolRoot
        do throws(SpoolError) {
            root = try SpoolRoot.open(path: settings.path, ownerUUID: check.ledger.identity.uuid, options: options)
        } catch {
            if case .locked = error.kind { throw error }
            outcome.refused.append("\(error)")
            return
        }
        defer { root.unlock() }
        // Opening it has written its `.spool`, as a start does.
        outcome.repaired += found.differences(.ownerMissing).filter { $0.subject == settings.path }
        let claims = found.differences(.claimEmpty).filter { $0.subject.hasPrefix("\(settings.path)/.active/") }
        for difference in claims {
            guard let claim = ClaimName(String(difference.subject.dropFirst("\(settings.path)/.active/".count))) else { continue }
            if try root.removeClaimDirectory(claim) { outcome.repaired.append(difference) }
        }
        let markers = found.differences(.markerAside).filter { $0.subject.hasPrefix("\(settings.path)/") }
        if !markers.isEmpty {
            try root.returnMarkers()
            outcome.repaired += markers
        }
        for difference in found.differences(.reasonMissing) where difference.subject.hasPrefix("\(settings.path)/failed/") {
            let text = String(difference.subject.dropFirst(settings.path.count + 1))
            guard let path = RelativePath(displayText: text) else { continue }
            try root.writeMissingReason(reason(text, settings.path), for: path)
            outcome.repaired.append(difference)
        }
    }

    /// From the ledger, while it remembers the file; after that, that it does not.
    private func reason(_ path: String, _ spool: String) throws(LedgerError) -> [UInt8] {
        guard let source = try check.ledger.row(inFailed: path, spool: spool)?.source else {
            var writer = JSONWriter()
            writer.object {
                $0.field("file", path)
                $0.field("verdict", "unknown")
                $0.field("reason", "The ledger has no row of this file any more; the journal may tell.")
            }
            writer.newline()
            return writer.bytes
        }
        switch source.progress.state {
        case .settled(let verdict) where verdict == .failed || verdict == .skipped: return FailedFileReason.encode(source, verdict: verdict)
        default: return FailedFileReason.encode(source, verdict: nil)
        }
    }
}
