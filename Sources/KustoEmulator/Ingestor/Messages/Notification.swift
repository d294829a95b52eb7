/// The messages that the service puts into its success and failure queues.
struct Notification: Sendable {
    let operationID: String
    let rootActivityID: String
    let database: String
    let table: String
    let sourceID: String
    let sourcePath: String
    let time: Moment
    var failure: IngestionFailure?

    var json: JSON {
        guard let failure else {
            return [
                "OperationId": .string(operationID), "Database": .string(database), "Table": .string(table),
                "IngestionSourceId": .string(sourceID), "IngestionSourcePath": .string(sourcePath),
                "RootActivityId": .string(rootActivityID),
                "SucceededOn": .string(time.roundTripText),
            ]
        }
        return [
            "OperationId": .string(operationID), "Database": .string(database), "Table": .string(table),
            "FailedOn": .string(time.roundTripText), "IngestionSourceId": .string(sourceID), "IngestionSourcePath": .string(sourcePath),
            "Details": .string(failure.details), "ErrorCode": .string(failure.code), "FailureStatus": .string(failure.failureStatus),
            "RootActivityId": .string(rootActivityID), "OriginatesFromUpdatePolicy": false, "ShouldRetry": .bool(failure.shouldRetry),
        ]
    }

    /// As it stands in the queue.
    var text: String { Digests.base64(json.encodedBytes) }
}
