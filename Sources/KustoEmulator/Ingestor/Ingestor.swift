import Dispatch
import NIOConcurrencyHelpers

/// The data management service's other half: takes messages from the ingestion queues, a batch at a time, and sends notifications.
///
/// All its work is on one queue of its own; SQLite and inflation never run on an event loop.
final class Ingestor: Sendable {
    private struct State {
        var isPaused: Bool
        var isScheduled = false
        var isStopped = false
    }

    private unowned let cloud: Cloud
    private let queue = DispatchQueue(label: "kusto-emulator.ingestor")
    private let state: NIOLockedValueBox<State>
    private let batches: BatchIngestor

    init(_ cloud: Cloud) {
        self.cloud = cloud
        batches = BatchIngestor(cloud: cloud)
        state = NIOLockedValueBox(State(isPaused: cloud.configuration.startsPaused))
    }

    /// A message has come: a batch is sealed so long after its first message.
    func messageArrived() { schedule(after: cloud.settings.now.batchingDelay) }

    func pause() { state.withLockedValue { $0.isPaused = true } }

    /// Takes up work again, at once.
    func resume() {
        state.withLockedValue { $0.isPaused = false }
        queue.async { self.drain() }
    }

    /// Ends the work; returns once the batch in hand is done.
    func stop() async {
        state.withLockedValue { $0.isStopped = true }
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    private func schedule(after delay: Duration) {
        let schedules = state.withLockedValue { state in
            guard !state.isScheduled, !state.isPaused, !state.isStopped else { return false }
            state.isScheduled = true
            return true
        }
        guard schedules else { return }
        let (seconds, attoseconds) = delay.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) {
            self.state.withLockedValue { $0.isScheduled = false }
            self.drain()
        }
    }

    private var mayWork: Bool { state.withLockedValue { !$0.isPaused && !$0.isStopped } }

    private func drain() {
        while mayWork {
            var taken: [(queue: MessageQueue, message: QueueMessage)] = []
            for queue in cloud.resources.ingestionQueues {
                taken += queue.take(cloud.configuration.batchingItems).map { (queue, $0) }
            }
            guard !taken.isEmpty else { return }
            batches.ingest(taken)
        }
    }
}
