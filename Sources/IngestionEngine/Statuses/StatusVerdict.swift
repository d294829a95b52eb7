import IngestionModel
import KustoWire
import Ledger

/// What a status says about its source: the same events as a notification's (protocol.md §5).
enum StatusVerdict {
    /// - Returns: nil where the status is no verdict, or says what the row knows already: an entity is seen again and again, and must be heard once.
    static func event(of status: IngestionStatus, for row: SourceRow, in handler: NotificationHandler) -> SourceEvent? {
        switch status.kind {
        case .pending, .queued, .other: return nil
        case .succeeded: return .notifiedSuccess
        case .skipped:
            if row.isDeduped { return .notifiedSuccess }
            // Nothing was asked to be left out, so there was nothing to take in.
            return failure(status, named: "Skipped", "the service skipped the blob: it found no data in it", handler)
        case .partiallySucceeded:
            let text = "the service ingested a part of the data only; sending the file again would repeat that part"
            return failure(status, named: "PartiallySucceeded", text, handler)
        case .failed:
            let event = handler.event(of: status.notification)
            return isHeard(event, by: row) ? nil : event
        }
    }

    /// What the journal says of a success that is none of this message's own doing.
    static func note(on status: IngestionStatus, for row: SourceRow) -> (code: String, reason: String)? {
        guard status.kind == .skipped, row.isDeduped else { return nil }
        return (
            "already_ingested", "the service had the file's rows already, by an earlier message of it, and dropped this one (ingest-by tag)"
        )
    }

    /// Final, whatever FailureStatus says: no retry is safe where the service says itself that it is done.
    private static func failure(
        _ status: IngestionStatus, named name: String, _ text: String, _ handler: NotificationHandler
    ) -> SourceEvent {
        guard case .notifiedFailure(var report) = handler.event(of: status.notification) else {
            return .notifiedFailure(FailureReport(errorCode: name, failureStatus: .permanent, details: text))
        }
        let said = report.details.isEmpty ? "" : "; \(report.errorCode): \(report.details)"
        report.errorCode = name
        report.failureStatus = .permanent
        report.shouldRetry = false
        report.details = text + said
        return .notifiedFailure(report)
    }

    /// Whether the row was told of this trouble before, and waits since.
    private static func isHeard(_ event: SourceEvent, by row: SourceRow) -> Bool {
        guard case .notifiedFailure(let report) = event,
            FailureMeaning(of: report, possibleCopies: row.progress.possibleCopies) == .noted
        else { return false }
        return row.code == report.errorCode && row.reason == report.details
    }
}

extension SourceRow {
    /// Whether its message asks the service to leave out what is there already.
    var isDeduped: Bool { properties?.dedupe != nil || properties?.ingestIfNotExists.isEmpty == false }
}
