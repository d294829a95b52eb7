import Ledger
import SpoolPrimitives

/// Remembers that one channel's reports were read to their end: in memory for what waits for it, and in the ledger, now and then, for the deadlines,
/// which do not run while nobody reads (protocol.md §5).
actor ReadingRecord {
    private let context: EngineContext
    private let channel: ReportChannel
    private var written: Timestamp?
    /// Often enough for a gap to be told from the ordinary pace, and seldom enough to cost nothing.
    private static let interval: Duration = .seconds(300)

    init(context: EngineContext, channel: ReportChannel) {
        self.context = context
        self.channel = channel
    }

    /// A reading that began then has read everything.
    func completed(began: Timestamp) async throws(LedgerError) {
        let isDue = written.map { began - $0 >= Self.interval || began < $0 } ?? true
        if isDue, context.ledger.figures.total[.awaitingVerdict] ?? 0 > 0 {
            _ = try await context.ledger.commit(.reportsRead(channel, began: began))
            written = began
        }
        context.readings(of: channel).completed(began: began)
        // Ambiguous sources wait for this.
        context.signals.sources.raise()
    }
}
