import Ledger
import SpoolPrimitives

/// Which spools' `.active` has been compared with the ledger since the start. Before it has, nobody claims files of a spool, or disposes of them: what is
/// there without a row must be what a crash has left, and nothing that is just coming or going.
package final class Reconciled: Sendable {
    private let pending = Lock<Set<SpoolKey>>([])

    package init() {}

    func begin(_ spools: [SpoolKey]) { pending.withLock { $0.formUnion(spools) } }

    func end(_ spool: SpoolKey) { pending.withLock { _ = $0.remove(spool) } }

    func isPending(_ spool: SpoolKey) -> Bool { pending.withLock { $0.contains(spool) } }
}
