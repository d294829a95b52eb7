import IngestionEngine
import KustoWire
import Ledger
import SpoolConfiguration
import SpoolDirectory
import SpoolPrimitives

/// Opens the configured spools and makes their settings into the engine's rules.
struct SpoolOpening {
    let ledger: Ledger
    let deadline: Duration
    let adopts: Bool

    func open(_ settings: SpoolSettings) async throws(DaemonFailure) -> Spool {
        var options = SpoolRoot.Options()
        options.adopt = adopts
        options.networkFilesystem = settings.networkFilesystem
        options.treeDepth = settings.tree ? Self.treeDepth : 0
        let root: SpoolRoot
        do throws(SpoolError) {
            root = try SpoolRoot.open(path: settings.path, ownerUUID: ledger.identity.uuid, options: options)
        } catch {
            throw DaemonFailure(error)
        }
        let rules = rules(settings)
        let route = RouteOfSpool(
            database: settings.properties.database, table: settings.properties.table, deletesOnSuccess: rules.deletesOnSuccess,
            verdictDeadline: deadline)
        do throws(LedgerError) {
            let key = try await ledger.register(spool: settings.path, route: route)
            return Spool(key: key, root: root, properties: settings.properties, rules: rules)
        } catch {
            throw DaemonFailure(error)
        }
    }

    private func rules(_ settings: SpoolSettings) -> SpoolRules {
        var rules = SpoolRules(maximumFileSize: settings.maxFileSize, compresses: settings.compression == .auto, verdictDeadline: deadline)
        rules.syncsClaims = settings.syncClaims
        rules.coalescing = settings.coalescing.map {
            CoalescingRules(maximumFiles: $0.maxFiles, maximumBytes: $0.maxBytes, maximumWait: $0.maxWait)
        }
        switch settings.completeness {
        case .quiet(let duration): rules.completeness = Completeness(rule: .closed, quietTime: duration)
        case .marker(let suffix): rules.completeness = Completeness(rule: .marker(suffix: suffix))
        }
        switch settings.onSuccess {
        case .move(let keep): rules.keepsDoneFor = keep
        case .delete(let keepPresumed):
            rules.deletesOnSuccess = true
            rules.keepsDoneFor = keepPresumed
        }
        switch settings.onAmbiguous {
        case .wait(let duration): rules.repostsAfter = duration
        case .repost: rules.repostsAfter = .zero
        }
        // Routes that report no successes cannot tell by waiting: they repost at once (protocol.md §4).
        if settings.properties.reportLevel != .failuresAndSuccesses { rules.repostsAfter = .zero }
        return rules
    }

    /// How deep `tree: true` looks; deeper directories are reported and left alone.
    private static let treeDepth = 16
}
