/// Decides whether the watchdog is fed. A value: the caller asks it at each interval and sends `.watchdog` when told to.
///
/// A watchdog that is fed by a timer proves that a timer runs. This one is fed only while the engine moves, or has a good reason not to; a
/// daemon that hangs with work before it is ended by the manager and recovers, which is always safe here.
package struct WatchdogFeeder: Sendable {
    /// What the engine says of itself.
    package struct Pulse: Sendable, Hashable {
        /// Goes up with everything that is finished: a file claimed, a request answered (with whatever), a commit, a scan.
        package var progress: UInt64
        /// Why nothing needs to move.
        package var idle: Idle

        package init(progress: UInt64, idle: Idle) {
            self.progress = progress
            self.idle = idle
        }
    }

    package enum Idle: Sendable, Hashable {
        /// There is work, and it should move.
        case busy
        /// Nothing to do at all.
        case nothingToDo
        /// All there is waits for something that has its own deadline: a retry's delay, a verdict, a held route, a full disk.
        case waiting
    }

    package enum Decision: Sendable, Hashable {
        case feed
        /// Busy without progress for this long. Not fed: the manager's patience runs.
        case starve(since: Duration)
    }

    /// How often to ask: twice in the manager's interval, as sd_watchdog_enabled(3) advises.
    package let askEvery: Duration
    /// How long busy work may stand still before the watchdog is starved: a system call on a slow disk is no hang.
    package let patience: Duration

    private var lastProgress: UInt64?
    private var movedAt: Duration

    /// - Parameters:
    ///   - interval: `ServiceManager.watchdogInterval`.
    ///   - patience: nil takes the interval itself, so that a hang is ended after about two of them.
    ///   - now: of the monotonic clock.
    package init(interval: Duration, patience: Duration? = nil, now: Duration) {
        askEvery = interval / 2
        self.patience = patience ?? interval
        movedAt = now
    }

    /// - Parameter now: of the monotonic clock.
    package mutating func decide(_ pulse: Pulse, now: Duration) -> Decision {
        let hasMoved = pulse.progress != lastProgress
        lastProgress = pulse.progress
        switch pulse.idle {
        case .nothingToDo, .waiting: movedAt = now
        case .busy: if hasMoved { movedAt = now }
        }
        let still = now - movedAt
        return still > patience ? .starve(since: still) : .feed
    }
}
