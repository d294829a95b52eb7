import SpoolPrimitives

/// Schedules one after the other, on several threads, each seed once.
final class Campaign: Sendable {
    private struct State {
        var next: UInt64 = 0
        var schedules = 0
        var files = 0
        var faults = 0
        var crashes = 0
        var posts = 0
        var steps = 0
        var failures: [String] = []
    }

    private let first: UInt64
    private let count: Int
    private let end: Duration
    private let began: Duration
    private let state = Lock(State())
    private static let mostFailures = 5

    init(first: UInt64, count: Int, atMost limit: Duration) {
        self.first = first
        self.count = count
        began = SystemTime().monotonicNow
        end = began + limit
    }

    var failures: [String] { state.withLock { $0.failures } }
    var schedules: Int { state.withLock { $0.schedules } }

    func run(thread: Int) async {
        await onOwnThread { [self] in
            while let seed = take() { run(Schedule(seed: seed)) }
        }
    }

    private func take() -> UInt64? {
        state.withLock { state in
            guard Int(state.next) < count, state.failures.count < Self.mostFailures, SystemTime().monotonicNow < end else { return nil }
            defer { state.next += 1 }
            return first + state.next
        }
    }

    private func run(_ schedule: Schedule) {
        let result = schedule.run()
        state.withLock { state in
            state.schedules += 1
            state.files += result.files
            state.faults += result.faults
            state.crashes += result.crashes
            state.posts += result.posts
            state.steps += result.steps
        }
        if result.isGood { return }
        let smallest = schedule.shrunk()
        let again = smallest.run()
        let text = """
            schedule \(schedule.seed): \(result.failures.prefix(3).joined(separator: "; "))
            the smallest that fails: \((again.isGood ? result : again).failures.prefix(3).joined(separator: "; "))
            \(smallest.decisions.indices.filter(smallest.kept.contains).map { "    \(smallest.decisions[$0])" }.joined(separator: "\n"))
            \(smallest.command)
            """
        state.withLock { $0.failures.append(text) }
    }

    var summary: String {
        let seconds = (SystemTime().monotonicNow - began).milliseconds
        return state.withLock { state in
            "\(state.schedules) schedules from seed \(first) on in \(seconds) ms (\(Int64(state.schedules) * 60_000 / max(seconds, 1)) a minute): "
                + "\(state.files) files, \(state.posts) posts, \(state.faults) faults, \(state.crashes) crashes, \(state.steps) steps"
        }
    }
}
