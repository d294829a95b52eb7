import Ledger
import Logging
import SpoolPrimitives

/// Whether new files are taken (protocol.md §7): not while there is too little room to record what would become of them.
package final class Admission: Sendable {
    package enum Obstacle: Sendable, Hashable, CaseIterable {
        /// The state directory's disk has little room left; the reserve is whole.
        case diskIsLow
        /// The reserve was given up: what room there is belongs to verdicts, and nothing is uploaded either.
        case reserveIsSpent
        /// Events gather in the ledger.
        case journalIsUnwritable
        /// So many have gathered that nothing may make more: nothing is uploaded, and the notification queues are the buffer.
        case outboxIsFull
    }

    private let obstacles = Lock<[Obstacle: String]>([:])
    private let logger: Logger
    private let signals: EngineSignals

    /// - Parameter signals: raised for whoever may go on.
    init(logger: Logger, signals: EngineSignals) {
        self.logger = logger
        self.signals = signals
    }

    package var isOpen: Bool { obstacles.withLock(\.isEmpty) }

    /// Whether claimed files may go up: a post makes rows longer and events more.
    package var allowsUploads: Bool { obstacles.withLock { $0[.reserveIsSpent] == nil && $0[.outboxIsFull] == nil } }

    /// Whether notifications may be read.
    package var allowsDraining: Bool { obstacles.withLock { $0[.outboxIsFull] == nil } }

    /// What is in the way, for an operator.
    package var reasons: [String] { obstacles.withLock { obstacles in Obstacle.allCases.compactMap { obstacles[$0] } } }

    /// Stops admission, aloud at the first time.
    func stop(_ obstacle: Obstacle, because why: String) {
        let isNew = obstacles.withLock { $0.updateValue(why, forKey: obstacle) == nil }
        if isNew { logger.error("no new files are taken until this is mended", metadata: ["reason": "\(why)"]) }
    }

    /// The obstacle is gone, or was not there.
    func resume(_ obstacle: Obstacle) {
        let (ended, isOpen) = obstacles.withLock { ($0.removeValue(forKey: obstacle), $0.isEmpty) }
        guard let ended else { return }
        logger.notice(isOpen ? "new files are taken again" : "new files are not taken yet, but this is over", metadata: ["was": "\(ended)"])
        signals.room.raiseAll()
        signals.sources.raise()
        for channel in ReportChannel.allCases { signals.posted(to: channel) }
    }
}
