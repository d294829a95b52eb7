import KustoWire

/// What a failure notification means for its source (protocol.md §4).
///
/// Sources: the service's published error codes (reference: kusto-queued-ingestion §7.3) and the meaning of FailureStatus (§7.1).
package enum FailureMeaning: Sendable, Hashable {
    /// Not a verdict: the service goes on by itself, or says that one copy is in.
    case noted
    /// The file's own fault, or nothing that trying again would mend.
    case final
    /// May be tried again by us, as a new source.
    case retry
    /// The route's configuration is refused: every file of it would fare the same.
    case configuration

    /// - Parameter possibleCopies: how many messages of the source may exist.
    package init(of report: FailureReport, possibleCopies: Int) {
        switch report.errorCode {
        case "BlobAlreadyReceived_BlobAlreadyFoundInBatch":
            self = .noted
            return
        case "Download_SourceNotFound" where possibleCopies > 1:
            // The other copy of the message was served first and its blob is gone, or will be: one copy is in.
            self = .noted
            return
        default:
            break
        }
        if report.failureStatus == .transient {
            // The service tries again itself. One SDK reads this as ours to retry; should that turn out to be right, this is the row to change.
            self = .noted
            return
        }
        if let meaning = Self.byCode[report.errorCode] {
            self = meaning
        } else {
            self = report.failureStatus == .exhausted || report.shouldRetry ? .retry : .final
        }
    }

    /// Codes whose meaning does not depend on FailureStatus and ShouldRetry. All others are decided by these two.
    private static let byCode: [String: FailureMeaning] = [
        // Our SAS or identity token was too old when the service got round to the message: a fresh one mends it.
        "Download_Forbidden": .retry,
        "BadRequest_InvalidKustoIdentityToken": .retry,
        "General_RetryAttemptsExceeded": .retry,
        "General_AbandonedIngestion": .retry,
        "General_ThrottledIngestion": .retry,
        "BadRequest_MessageExhausted": .retry,
        "Stream_LowMemoryCondition": .retry,
        // What the configuration names does not exist, or may not be used.
        "BadRequest_DatabaseNotExist": .configuration,
        "BadRequest_TableNotExist": .configuration,
        "BadRequest_EntityNotFound": .configuration,
        "BadRequest_MappingReferenceWasNotFound": .configuration,
        "BadRequest_EmptyMappingReference": .configuration,
        "BadRequest_InvalidMappingReference": .configuration,
        "BadRequest_InvalidMapping": .configuration,
        "BadRequest_InconsistentMapping": .configuration,
        "BadRequest_MissingMappingtFailure": .configuration,
        "BadRequest_MissingMappingFailure": .configuration,
        "BadRequest_MissingJsonMappingtFailure": .configuration,
        "BadRequest_InvalidCsvMapping": .configuration,
        "BadRequest_InvalidJsonMapping": .configuration,
        "BadRequest_DuplicateMapping": .configuration,
        "BadRequest_FormatNotSupported": .configuration,
        "BadRequest_InvalidOrEmptyTableName": .configuration,
        "BadRequest_EmptyDatabaseName": .configuration,
        "BadRequest_EntityNameIsNotValid": .configuration,
        "BadRequest_TableAccessDenied": .configuration,
        "BadRequest_DatabaseAccessDenied": .configuration,
        "BadRequest_InvalidAuthentication": .configuration,
        "BadRequest_InvalidManagedIdentity": .configuration,
        "BadRequest_MalformedIngestionProperty": .configuration,
        "BadRequest_IngestionPropertyNotSupportedInThisContext": .configuration,
        "BadRequest_ZeroRetentionPolicyWithNoUpdatePolicy": .configuration,
        "BadRequest_DataCapacityLimitReached": .configuration,
        "Forbidden": .configuration,
        "UpdatePolicy_QuerySchemaDoesNotMatchTableSchema": .configuration,
        "UpdatePolicy_Cyclic_Update_Not_Allowed": .configuration,
        "UpdatePolicy_BadRequest": .configuration,
    ]
}
