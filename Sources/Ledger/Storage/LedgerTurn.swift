import SpoolPrimitives

/// Who runs what is submitted to a ledger.
package enum LedgerRunner: Sendable {
    /// A thread of the ledger's own, asleep while there is nothing to do.
    case ownThread
    /// The caller, by ``Ledger/runGathered()``, one call at a time: a simulation, which decides itself when commits happen and what shares one.
    ///
    /// - Parameter wake: called after each submission.
    case caller(wake: @Sendable () -> Void)
}

/// The ledger's turns: each runs what has gathered, and keeps what found no room for the next.
final class LedgerTurn: Sendable {
    private struct State {
        var store: LedgerStore?
        var waiting: [Submission] = []
    }

    // Never contended: one thread takes turns. The lock makes the hand-over visible to the compiler.
    private let state: Lock<State>
    private let waitsForRoom = Lock(true)
    private let hasEvents: @Sendable () -> Void

    /// How often changes that wait for room are tried again.
    private static let roomInterval: Duration = .seconds(1)

    init(_ store: sending LedgerStore, hasEvents: @escaping @Sendable () -> Void) {
        state = Lock(State(store: store))
        self.hasEvents = hasEvents
    }

    /// Takes turns until the mailbox is closed and empty.
    func runUntilClosed(_ mailbox: Mailbox<Submission>) {
        var isWaiting = false
        while let arrived = isWaiting ? mailbox.takeAll(atMost: Self.roomInterval) : mailbox.takeAll() {
            isWaiting = run(arrived)
            // Where many came at once, more are on their way: a moment's patience makes one flush of several. A lone file's commits are at once.
            if arrived.count >= Self.crowd { mailbox.gather(for: Self.patience) }
        }
        end()
    }

    private static let crowd = 6
    private static let patience: Duration = .milliseconds(5)

    /// - Returns: whether changes wait for room.
    @discardableResult
    func run(_ arrived: [Submission]) -> Bool {
        let (madeEvents, isWaiting) = state.withLock { state in
            let result = state.store?.run(state.waiting + arrived) ?? LedgerStore.RunResult()
            state.waiting = result.waiting
            if !waitsForRoom.withLock({ $0 }) { Self.refuse(&state.waiting) }
            return (result.madeEvents, !state.waiting.isEmpty)
        }
        if madeEvents { hasEvents() }
        return isWaiting
    }

    /// Refuses what waits for room, and closes the store.
    func end() {
        state.withLock { state in
            Self.refuse(&state.waiting)
            state.store = nil
        }
    }

    func stopWaitingForRoom() { waitsForRoom.withLock { $0 = false } }

    private static func refuse(_ waiting: inout [Submission]) {
        for submission in waiting {
            submission.fail(LedgerError(.full, operation: "committing to the ledger", detail: "the disk is full"))
        }
        waiting = []
    }
}
