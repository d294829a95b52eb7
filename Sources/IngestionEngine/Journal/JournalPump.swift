import Ledger
import Logging
package import ResultJournal
import ServiceLifecycle
import SpoolPrimitives

/// Carries events from the ledger's outbox into the journal's file, in order: append, fdatasync, then mark drained (protocol.md §6).
package actor JournalPump: Service {
    private let context: EngineContext
    private let journal: JournalFile
    private let stopping = Flag()
    private let announce: @Sendable ([UInt8]) -> Void

    /// - Parameter announce: gets every batch of lines once it is durable, for systemd's journal; best effort.
    package init(_ context: EngineContext, journal: JournalFile, announce: @escaping @Sendable ([UInt8]) -> Void = { _ in }) {
        self.context = context
        self.journal = journal
        self.announce = announce
    }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await pump()
        } onGracefulShutdown: { [stopping, signals = context.signals] in
            stopping.set()
            signals.events.raise()
        }
    }

    private func pump() async throws {
        while true {
            // Read before the outbox is emptied: what is added after the last look raises the signal again.
            let isLast = stopping.isSet || Task.isCancelled
            try await drain()
            if isLast { return }
            await context.signals.events.wait(atMost: .seconds(60), on: context.time)
        }
    }

    private func drain() async throws {
        var failures = 0
        while true {
            let entries = try await context.ledger.outbox(limit: .mebibytes(1))
            guard let last = entries.last else { return }
            do throws(JournalError) {
                try await append(entries)
            } catch {
                if error.kind == .fsyncFailed { throw error }
                // The events are safe in the ledger; the journal gets them when it can be written again. Verdicts go on being stored, up to a bound.
                failures += 1
                context.admission.stop(.journalIsUnwritable, because: "\(error); events wait in the ledger")
                context.logger.debug(
                    "the journal cannot be written; tried again", metadata: ["failures": "\(failures)", "error": "\(error)"])
                if stopping.isSet || Task.isCancelled { return }
                // Not the signal, which every commit raises. A cancelled sleep ends the loop above.
                do { try await context.time.sleep(for: .seconds(min(5, failures))) } catch {}
                continue
            }
            failures = 0
            context.admission.resume(.journalIsUnwritable)
            if !context.admission.allowsDraining { context.checkOutbox() }
            await context.hooks.at(.journalAppended)
            _ = try await context.ledger.commit(.drained(through: last.lastSeq))
            await context.hooks.at(.journalDrained)
            for entry in entries { announce(entry.lines) }
        }
    }

    /// What the file has already, from before a crash, is left out: whole commits, or the first lines of one.
    private func append(_ entries: [OutboxEntry]) async throws(JournalError) {
        let journal = journal
        let now = context.time.wallNow
        let results = try await context.journalThread.run { () throws(JournalError) in
            var results: [AppendResult] = []
            // Lines that another hand has just removed, and that the outbox still has, are written again and are no loss.
            _ = try journal.refresh(now: now)
            for entry in entries {
                guard let rest = entry.rest(after: journal.lastSeq) else { continue }
                results.append(try journal.append(lines: rest.lines, firstSeq: rest.firstSeq, lastSeq: rest.lastSeq, now: now))
            }
            return results
        }
        for result in results {
            if let gap = result.gap {
                context.logger.error(
                    "lines of the journal were removed by another hand; a gap line says which",
                    metadata: ["from": "\(gap.lowerBound)", "to": "\(gap.upperBound)"])
            }
            if let name = result.rotatedTo { context.logger.info("the journal was rotated", metadata: ["to": "\(name)"]) }
        }
    }
}
