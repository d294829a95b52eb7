import IngestionEngine
import KustoIngest
import Ledger
import Logging
import ServiceLifecycle
import SpoolPrimitives
import SystemdService

/// Tells systemd how the daemon is: READY after the first snapshot or when it starts without one, STATUS now and then, the watchdog as long as
/// the engine moves, STOPPING at the end.
actor SystemdReporter: Service {
    private let context: EngineContext
    private let notifier: SystemdNotifier
    private let stopping = Flag()
    private let wake = Signal()
    /// How long a start waits for the first snapshot before it says that it is ready all the same (P8).
    private static let patience: Duration = .seconds(10)

    init(_ context: EngineContext, notifier: SystemdNotifier) {
        self.context = context
        self.notifier = notifier
    }

    func run() async throws {
        try await withGracefulShutdownHandler {
            let snapshot = await context.snapshots.waitForFirst(atMost: Self.patience)
            if snapshot == nil, !stopping.isSet {
                context.logger.warning("the service cannot be reached yet; files are claimed and wait, and the daemon keeps trying")
            }
            notifier.ready(status: snapshot == nil ? "waiting for the service" : "running")
            context.logger.notice("ready", metadata: ["spools": "\(context.spools.count)"])
            try await report()
            notifier.stopping()
        } onGracefulShutdown: { [stopping, wake] in
            stopping.set()
            wake.raise()
        }
    }

    private func report() async throws {
        let interval = min(notifier.watchdogInterval.map { $0 / 2 } ?? .seconds(10), .seconds(10))
        while !stopping.isSet, !Task.isCancelled {
            // The ledger's answer is the progress that matters: it comes from the thread through which everything goes.
            let counts = try await context.ledger.counts()
            let working = (counts[.fresh] ?? 0) + (counts[.deferred] ?? 0) + (counts[.posting] ?? 0)
            let waiting = (counts[.awaitingVerdict] ?? 0) + (counts[.ambiguous] ?? 0)
            let held = (counts[.held] ?? 0) + (counts[.resting] ?? 0)
            notifier.status("\(working) to upload, \(waiting) awaiting a verdict, \(held) waiting for an operator")
            notifier.feedWatchdog()
            await wake.wait(atMost: interval, on: context.time)
        }
    }
}
