/// What the service writes into the status table about a source: columns merged into the entity that the source's sender inserted before posting.
struct StatusUpdate: Sendable {
    /// Where the message wants its status.
    struct Target: Sendable {
        /// The table's URL with its signature.
        let connection: String
        let key: TableEntity.Key

        init(connection: String, key: TableEntity.Key) {
            self.connection = connection
            self.key = key
        }

        /// Reads `IngestionStatusInTable`; SDKs spell its members in both cases.
        init?(_ json: JSON?) {
            guard let json, let connection = json.member("TableConnectionString")?.text, let partition = json.member("PartitionKey")?.text,
                let row = json.member("RowKey")?.text
            else { return nil }
            self.connection = connection
            key = TableEntity.Key(partition: partition, row: row)
        }
    }

    let target: Target
    let status: String
    let notification: Notification

    /// The columns. Those of a failure are left out of a success, and none that the sender wrote is taken away.
    var properties: [TableEntity.Property] {
        var properties = [
            TableEntity.Property("Status", .text(status)), TableEntity.Property("UpdatedOn", .time(notification.time.roundTripText)),
            TableEntity.Property("OperationId", .guid(notification.operationID)),
            TableEntity.Property("ActivityId", .guid(notification.rootActivityID)),
            TableEntity.Property("Database", .text(notification.database)), TableEntity.Property("Table", .text(notification.table)),
            TableEntity.Property("IngestionSourcePath", .text(notification.sourcePath)),
            TableEntity.Property("OriginatesFromUpdatePolicy", .flag(false)),
        ]
        if let failure = notification.failure {
            properties += [
                TableEntity.Property("ErrorCode", .text(failure.code)), TableEntity.Property("FailureStatus", .text(failure.failureStatus)),
                TableEntity.Property("Details", .text(failure.details)),
            ]
        }
        return properties
    }
}
