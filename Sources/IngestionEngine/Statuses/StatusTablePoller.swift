import IngestionModel
import KustoIngest
import Ledger
import Logging
import ServiceLifecycle
import SpoolPrimitives

/// Reads the status tables for the sources of routes that report to a table (protocol.md §5).
///
/// What is waited for stands in the ledger: which tables, and from which row to which. With no such row it asks nobody anything.
package actor StatusTablePoller: Service {
    private let context: EngineContext
    private let stopping = Flag()
    private var pace = PollingPace(ceiling: .seconds(30))
    /// When entities of sources that are done with are next looked for.
    private var nextSweep: Duration?

    package init(_ context: EngineContext) { self.context = context }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await poll()
        } onGracefulShutdown: { [stopping, signals = context.signals] in
            stopping.set()
            signals.posted(to: .tables)
        }
    }

    private func poll() async throws {
        let readings = ReadingRecord(context: context, channel: .tables)
        while !stopping.isSet, !Task.isCancelled {
            let began = context.time.wallNow
            let reading = try await readAll()
            if reading.isComplete {
                try await readings.completed(began: began)
                try await Deadlines(context: context).expire()
                try await sweep(isAsked: reading.isAsked)
            }
            let counts = context.ledger.figures.total
            let awaiting = (counts[.awaitingVerdict] ?? 0) + (counts[.ambiguous] ?? 0) > 0
            pace.drained(found: reading.found, awaiting: awaiting && reading.isAsked)
            let isPost = await pace.wait(for: context.signals.tables, on: context.time, random: context.random.unit()) { [stopping] in
                stopping.isSet
            }
            if isPost { pace.posted() }
        }
    }

    private var reader: StatusTableReader {
        StatusTableReader(
            context: context, handler: NotificationHandler(identity: context.ledger.identity), isStopping: { [stopping] in stopping.isSet })
    }

    /// Every ten minutes, where there are entities at all.
    private func sweep(isAsked: Bool) async throws(LedgerError) {
        let now = context.time.monotonicNow
        guard isAsked, now >= nextSweep ?? now else { return }
        try await reader.sweep()
        nextSweep = now + .seconds(600)
    }

    private struct Reading {
        var found = 0
        var isComplete = true
        /// Whether there was a table to ask.
        var isAsked = false
    }

    private func readAll() async throws(LedgerError) -> Reading {
        var total = Reading()
        guard context.snapshots.current != nil else {
            total.isComplete = false
            total.isAsked = true
            return total
        }
        let reader = reader
        for range in try await context.ledger.statusRanges() {
            total.isAsked = true
            let reading = try await reader.read(range)
            total.found += reading.found
            total.isComplete = total.isComplete && reading.isComplete
        }
        if stopping.isSet { total.isComplete = false }
        return total
    }
}
