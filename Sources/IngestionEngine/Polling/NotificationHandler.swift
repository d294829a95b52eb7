import AzureStorage
import IngestionModel
import KustoIngest
import KustoWire
import Ledger
import Logging
import SpoolPrimitives

/// Turns a page of queue messages into changes of the ledger: whose they are, and what they mean (protocol.md §5).
struct NotificationHandler: Sendable {
    let identity: LedgerIdentity

    func owner(of notification: IngestionNotification) -> NotificationOwner {
        NotificationOwner(
            sourceID: notification.sourceID, sourcePath: notification.sourcePath, prefix: identity.prefix, instance: identity.instance)
    }

    /// The event of a source of ours.
    func event(of notification: IngestionNotification) -> SourceEvent {
        switch notification.outcome {
        case .success: return .notifiedSuccess
        case .failure(let failure):
            return .notifiedFailure(
                FailureReport(
                    errorCode: failure.errorCode.rawValue, failureStatus: failure.status, details: failure.details ?? "",
                    shouldRetry: failure.shouldRetry ?? false, originatesFromUpdatePolicy: failure.originatesFromUpdatePolicy ?? false,
                    operationID: notification.operationID))
        }
    }

    /// The journal's line for a notification that is about no row of the ledger.
    func record(_ kind: JournalEvent.Kind, _ notification: String, why: String, at now: Timestamp) -> LedgerChange {
        var event = JournalEvent(kind, at: now)
        event.notification = notification
        event.reason = why
        return .record(event)
    }
}

extension IngestionNotification {
    /// Whether the service refused what the resource snapshot had given the message: its identity token, or the signature of its blob.
    var refusesCredentials: Bool {
        guard case .failure(let failure) = outcome else { return false }
        return ["BadRequest_InvalidKustoIdentityToken", "Download_Forbidden"].contains(failure.errorCode.rawValue)
    }
}
