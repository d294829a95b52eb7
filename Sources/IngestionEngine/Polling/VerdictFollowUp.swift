import IngestionModel
import KustoIngest
import KustoWire
import Ledger
import SpoolPrimitives

/// What the outcomes of a commit of reports ask for besides, whichever way the reports came.
struct VerdictFollowUp: Sendable {
    let context: EngineContext

    /// - Parameter notifications: one for each outcome; nil where the change was no report.
    func follow(_ outcomes: [LedgerOutcome], _ notifications: [IngestionNotification?]) async throws(LedgerError) {
        var records: [LedgerChange] = []
        for (outcome, notification) in zip(outcomes, notifications) {
            switch outcome {
            case .unknownSource:
                if let notification { records.append(record(notification, why: "its source is remembered no longer")) }
            case .refused(let illegal):
                if let notification { records.append(record(notification, why: "\(illegal)")) }
            case .source(let progress, let spool):
                switch progress.state {
                case .settled:
                    // Whatever the verdict on the file is: the service takes what the route names.
                    context.holds.passed(spool)
                case .superseded:
                    context.holds.lookAgain(at: spool)
                    if notification?.refusesCredentials ?? false { await context.snapshots.reportRejectedMessage() }
                case .claimed, .posting, .queued, .ambiguous, .deferred, .held: break
                }
            case .claimed, .claimNumbers, .done, .forgotten: break
            }
        }
        if !records.isEmpty { _ = try await context.ledger.commit(records) }
        context.signals.verdicts.raise()
        context.signals.sources.raise()
    }

    private func record(_ notification: IngestionNotification, why: String) -> LedgerChange {
        NotificationHandler(identity: context.ledger.identity).record(
            .forgotten, notification.scrubbedJSON, why: why, at: context.time.wallNow)
    }
}
