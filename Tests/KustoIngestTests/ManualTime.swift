import SpoolPrimitives

/// Clocks that stand still until a test turns them.
final class ManualTime: TimeSource {
    private struct State {
        var monotonic: Duration = .zero
        var wall = Timestamp(seconds: 1_767_225_600)
        var nextID = 0
        var sleepers: [Int: (until: Duration, continuation: UnsafeContinuation<Bool, Never>)] = [:]
        var cancelledEarly: Set<Int> = []
    }

    private let state = Lock(State())

    var wallNow: Timestamp { state.withLock { $0.wall } }
    var monotonicNow: Duration { state.withLock { $0.monotonic } }

    /// The instants until which somebody sleeps, soonest first.
    var alarms: [Duration] { state.withLock { $0.sleepers.values.map(\.until).sorted() } }

    func sleep(for duration: Duration) async throws(CancellationError) {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let isAwake = await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Bool, Never>) in
                let isOver: Bool? = state.withLock { state in
                    if state.cancelledEarly.remove(id) != nil { return false }
                    if duration <= .zero { return true }
                    state.sleepers[id] = (state.monotonic + duration, continuation)
                    return nil
                }
                if let isOver { continuation.resume(returning: isOver) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelledEarly.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(returning: false)
        }
        if !isAwake { throw CancellationError() }
    }

    /// Turns both clocks and wakes who has slept enough.
    func advance(by duration: Duration) {
        let awake = state.withLock { state in
            state.monotonic += duration
            state.wall = state.wall + duration
            let awake = state.sleepers.filter { $0.value.until <= state.monotonic }
            for id in awake.keys { state.sleepers[id] = nil }
            return awake.values.map(\.continuation)
        }
        for continuation in awake { continuation.resume(returning: true) }
    }

    /// Waits until somebody sleeps until that instant: the code under test has then done all that it does before.
    func untilAlarm(at instant: Duration) async {
        while !alarms.contains(instant) { await Task.yield() }
    }
}

/// Waits for a condition that another task brings about; yields, and does not sleep.
func until(_ condition: @Sendable () async -> Bool) async {
    while !(await condition()) { await Task.yield() }
}
