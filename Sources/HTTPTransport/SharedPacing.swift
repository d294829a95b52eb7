/// Whether a request can wait as long as it takes, or others wait for it.
package enum PacingLane: Sendable, Hashable {
    /// Contents of files: many bytes, and a file that waits is as safe as before.
    case uploads
    /// Posts, notifications, snapshots, tokens: a post that waits is in doubt after a crash, a notification's receipt ends.
    case others
}

/// One bound for both lanes: the others wait for each other only, and uploads for everything.
///
/// In the long run both together keep to the bound. For as long as uploads that were promised their time already go, it may be twice as much.
package struct SharedPacing: Sendable, Hashable {
    private var all: Pacing
    private var others: Pacing

    /// - Parameter perSecond: more than 0.
    package init(perSecond: Double) {
        all = Pacing(perSecond: perSecond)
        others = all
    }

    /// Uses so much; how long to wait before it is used.
    package mutating func use(_ amount: Double, in lane: PacingLane, at now: Duration) -> Duration {
        let wait = all.use(amount, at: now)
        return switch lane {
        case .uploads: wait
        case .others: others.use(amount, at: now)
        }
    }
}
