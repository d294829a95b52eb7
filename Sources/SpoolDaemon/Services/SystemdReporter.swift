package import IngestionEngine
import KustoIngest
import Ledger
import Logging
import ServiceLifecycle
import SpoolPrimitives
package import SystemdService

/// Tells systemd how the daemon is: READY after the first snapshot or when it starts without one, STATUS now and then, the watchdog as long as
/// the engine moves, STOPPING at the end.
package actor SystemdReporter: Service {
    private let context: EngineContext
    private let watchdogInterval: Duration?
    private let notify: @Sendable (ServiceNotification) -> Void
    private let stopping = Flag()
    private let wake = Signal()
    /// How long a start waits for the first snapshot before it says that it is ready all the same (P8).
    private static let patience: Duration = .seconds(10)

    /// - Parameters:
    ///   - watchdogInterval: how long the manager's patience lasts; nil where no watchdog is set.
    ///   - notify: reaches the manager.
    package init(
        _ context: EngineContext, watchdogInterval: Duration? = ServiceManager.watchdogInterval,
        notify: @escaping @Sendable (ServiceNotification) -> Void = { ServiceManager.notify($0) }
    ) {
        self.context = context
        self.watchdogInterval = watchdogInterval
        self.notify = notify
    }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            // A stop does not wait for a service that does not answer.
            let snapshot = await cancelWhenGracefulShutdown { [snapshots = context.snapshots] in
                await snapshots.waitForFirst(atMost: Self.patience)
            }
            if stopping.isSet {
                notify(.stopping(status: "finishing what is in flight"))
                return
            }
            if snapshot == nil {
                context.logger.warning("the service cannot be reached yet; files are claimed and wait, and the daemon keeps trying")
            }
            notify(.ready(status: snapshot == nil ? "waiting for the service" : "running"))
            context.logger.notice("ready", metadata: ["spools": "\(context.spools.count)"])
            ProgramText.letGo()
            try await report()
            notify(.stopping(status: "finishing what is in flight"))
        } onGracefulShutdown: { [stopping, wake] in
            stopping.set()
            wake.raise()
        }
    }

    /// The watchdog is fed by the engine's progress (commits, and answers of the service), or while there is a good reason for none.
    private func report() async throws {
        var feeder = watchdogInterval.map { WatchdogFeeder(interval: $0, now: context.time.monotonicNow) }
        let interval = min(feeder?.askEvery ?? .seconds(10), .seconds(10))
        while !stopping.isSet, !Task.isCancelled {
            // A ledger's thread that hangs leaves this waiting, and the watchdog hungry.
            let counts = try await context.ledger.counts()
            let deferred = counts[.deferred] ?? 0
            let fresh = counts[.fresh] ?? 0
            let waiting = (counts[.awaitingVerdict] ?? 0) + (counts[.ambiguous] ?? 0)
            let held = (counts[.held] ?? 0) + (counts[.resting] ?? 0)
            let posting = counts[.posting] ?? 0
            let work = "\(fresh + posting + deferred) to upload, \(waiting) awaiting a verdict, \(held) waiting for an operator"
            notify(.status(([work] + context.admission.reasons).joined(separator: "; ")))
            let isPosting = posting > 0 && context.admission.allowsUploads
            let isBusy = try await shouldMove() || isPosting
            let idle: WatchdogFeeder.Idle = isBusy ? .busy : deferred + waiting + fresh > 0 ? .waiting : .nothingToDo
            let pulse = WatchdogFeeder.Pulse(progress: context.ledger.commitCount &+ context.progress.count, idle: idle)
            if case .feed? = feeder?.decide(pulse, now: context.time.monotonicNow) { notify(.watchdog) }
            await wake.wait(atMost: interval, on: context.time)
        }
    }

    /// Whether there are files that nothing keeps from being uploaded now: no missing snapshot, no held route, no retry's delay, no full
    /// disk or journal.
    private func shouldMove() async throws(LedgerError) -> Bool {
        guard context.snapshots.current != nil, context.admission.allowsUploads else { return false }
        for spool in context.spools where !context.holds.isHeld(spool.key) {
            if try await context.ledger.count(.fresh, spool: spool.key) > 0 { return true }
            let due = try await context.ledger.rows(.deferred, spool: spool.key, before: context.time.wallNow, limit: 1)
            if !due.isEmpty { return true }
        }
        return false
    }
}
