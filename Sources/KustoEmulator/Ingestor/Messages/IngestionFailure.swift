/// Why a source was not ingested, in the service's own words.
struct IngestionFailure: Error, Sendable {
    let code: String
    let details: String
    var failureStatus = "Permanent"
    var shouldRetry = false
    /// What the status table calls it.
    var status = "Failed"

    /// Whether a part of the rows is in all the same, of which nothing else is told.
    var isPartial: Bool { status == "PartiallySucceeded" }

    /// Whether the engine's command failed; the other failures never reach an engine, and it remembers nothing of them.
    var isOfCommand: Bool {
        switch code {
        case "BadRequest_CorruptedMessage", "BadRequest_InvalidKustoIdentityToken", "BadRequest_EmptyDatabaseName",
            "BadRequest_InvalidOrEmptyTableName", "BadRequest_EmptyBlobUri", "BadRequest_InvalidBlobUri", "BadRequest_DuplicateMapping",
            "BadRequest_MalformedIngestionProperty", "BadRequest_DatabaseNotExist", "BlobAlreadyReceived_BlobAlreadyFoundInBatch":
            false
        default: true
        }
    }

    init(
        _ code: String, _ details: String, failureStatus: String = "Permanent", shouldRetry: Bool = false, status: String = "Failed"
    ) {
        self.code = code
        self.details = details
        self.failureStatus = failureStatus
        self.shouldRetry = shouldRetry
        self.status = status
    }
}
