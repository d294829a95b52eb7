import Glibc
import SpoolPrimitives

/// One thread on which everything of a simulation runs: Swift's tasks, what the engine gives to its worker threads and to the ledger's, the cloud, and the
/// producers. Time stands still while anything can run, and then jumps to the next alarm.
///
/// Which of several ready jobs goes first is drawn, so that a schedule is also an interleaving; the same seed draws the same.
final class VirtualLoop: TaskExecutor, TimeSource, @unchecked Sendable {  // one thread calls everything; `enqueue` checks it
    private enum Ready {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private struct Alarm {
        var at: Duration
        var number: Int
        var action: () -> Void
    }

    /// What the wall clock says at the start: far from the machine's own time, so that nothing can mix them up.
    static let epoch = Timestamp(seconds: 2_000_000_000)

    private let dice: Dice
    /// How many of a hundred choices do not go to the first in the queue.
    private let disorder: Int
    private var ready: [Ready] = []
    private var head = 0
    private var alarms: [Alarm] = []
    private var cancelled: Set<Int> = []
    private var nextAlarm = 0
    private let thread = pthread_self()
    /// Jobs that were run so far: the simulation's own count of time.
    private(set) var steps = 0
    private(set) var monotonicNow: Duration = .zero
    /// How far the wall clock is from the monotonic one: a clock that is set.
    var wallShift: Duration = .zero
    /// Sleeps that never end, for showing that the bound on waits is watched.
    var losesWakeUp: ((Int) -> Bool)?

    init(dice: Dice, disorder: Int) {
        self.dice = dice
        self.disorder = disorder
    }

    var wallNow: Timestamp { Self.epoch + monotonicNow + wallShift }

    // MARK: - Running

    func enqueue(_ job: consuming ExecutorJob) {
        precondition(
            pthread_equal(pthread_self(), thread) != 0, "a job of the simulation came from another thread: it is not deterministic")
        ready.append(.job(UnownedJob(job)))
    }

    /// Runs `work` when the loop comes to it, in any order with everything else.
    func schedule(_ work: @escaping @Sendable () -> Void) { ready.append(.work(work)) }

    var isIdle: Bool { head == ready.count }

    /// Runs one of the things that can run; false when there is none.
    func runOne() -> Bool {
        guard head < ready.count else { return false }
        let count = ready.count - head
        if count > 1, disorder > 0, dice.chance(disorder, "disorder", steps) {
            ready.swapAt(head, head + 1 + dice.below(count - 1, "who", steps))
        }
        let next = ready[head]
        head += 1
        if head == ready.count {
            ready.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 256 {
            ready.removeFirst(head)
            head = 0
        }
        steps += 1
        switch next {
        case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .work(let work): work()
        }
        return true
    }

    // MARK: - Time

    /// Calls `action` at that time, in the order of times; returns what cancels it.
    @discardableResult
    func at(_ time: Duration, _ action: @escaping () -> Void) -> Int {
        nextAlarm += 1
        let alarm = Alarm(at: max(time, monotonicNow), number: nextAlarm, action: action)
        var index = alarms.count
        alarms.append(alarm)
        while index > 0, Self.isSooner(alarms[index], alarms[(index - 1) / 2]) {
            alarms.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
        return nextAlarm
    }

    func after(_ delay: Duration, _ action: @escaping () -> Void) { at(monotonicNow + delay, action) }

    func cancel(_ alarm: Int) { cancelled.insert(alarm) }

    /// Lets the time pass to the next alarm, and rings it; false when there is none up to `limit`.
    func advance(until limit: Duration) -> Bool {
        while let first = alarms.first {
            if cancelled.remove(first.number) != nil {
                removeFirstAlarm()
                continue
            }
            guard first.at <= limit else { return false }
            removeFirstAlarm()
            monotonicNow = first.at
            first.action()
            return true
        }
        return false
    }

    private func removeFirstAlarm() {
        let last = alarms.removeLast()
        guard !alarms.isEmpty else { return }
        alarms[0] = last
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < alarms.count && Self.isSooner(alarms[child], alarms[least]) {
                least = child
            }
            if least == index { return }
            alarms.swapAt(index, least)
            index = least
        }
    }

    private static func isSooner(_ a: Alarm, _ b: Alarm) -> Bool { a.at == b.at ? a.number < b.number : a.at < b.at }

    private var sleeps = 0

    func sleep(for duration: Duration) async throws(CancellationError) {
        if Task.isCancelled { throw CancellationError() }
        if duration > .zero {
            sleeps += 1
            let isLost = losesWakeUp?(sleeps) ?? false
            let pause = Pause()
            await withTaskCancellationHandler {
                await withUnsafeContinuation { continuation in
                    pause.continuation = continuation
                    if Task.isCancelled {
                        pause.end()
                    } else if !isLost {
                        pause.alarm = at(monotonicNow + duration) { pause.end() }
                    }
                }
            } onCancel: {
                if let alarm = pause.alarm, pause.continuation != nil { cancel(alarm) }
                pause.end()
            }
        }
        if Task.isCancelled { throw CancellationError() }
    }
}

/// One wait for something that comes once, or for the end of the wait.
final class Pause: @unchecked Sendable {  // used on the loop's thread alone
    var continuation: UnsafeContinuation<Void, Never>?
    var alarm: Int?

    func end() {
        continuation?.resume()
        continuation = nil
    }
}
