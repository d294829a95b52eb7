import Logging
import SpoolDirectory
import SpoolPrimitives

/// `sync_claims: true`: asks the file system to make what producers wrote durable, after each claim and beside admission (protocol.md §3). One at a
/// time; claims that come meanwhile share the next.
final class ClaimSync: Sendable {
    private enum State {
        case idle
        case running(again: Bool)
    }

    private let spool: Spool
    private let logger: Logger
    private let threads: WorkerPool
    private let state = Lock(State.idle)

    init(_ spool: Spool, _ context: EngineContext) {
        self.spool = spool
        logger = context.logger
        threads = context.files
    }

    func claimed() {
        guard spool.rules.syncsClaims else { return }
        let starts = state.withLock { state in
            if case .running = state {
                state = .running(again: true)
                return false
            }
            state = .running(again: false)
            return true
        }
        if starts { threads.start { self.run() } }
    }

    private func run() {
        while true {
            do throws(SpoolError) {
                try spool.root.syncFilesystem()
            } catch {
                // Not the daemon's own data: what it needs durable, it flushes itself.
                logger.error("producers' files could not be made durable", metadata: ["error": "\(error)"])
            }
            let goesOn = state.withLock { state in
                guard case .running(again: true) = state else {
                    state = .idle
                    return false
                }
                state = .running(again: false)
                return true
            }
            if !goesOn { return }
        }
    }
}
