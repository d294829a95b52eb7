/// A verdict in the form in which it arrives, or a text in the place of one.
enum NotificationParcel: Sendable {
    case text(String, isFailure: Bool)
    case columns(StatusWrite)

    init(_ verdict: Verdict) {
        guard let target = verdict.target else {
            self = .text(verdict.text, isFailure: verdict.notification.failure != nil)
            return
        }
        // A source's second copy in a batch says nothing about the first.
        let isCopy = verdict.notification.failure?.code == "BlobAlreadyReceived_BlobAlreadyFoundInBatch"
        self = .columns(StatusWrite(target: target, properties: verdict.properties, isCopy: isCopy))
    }

    /// The parcel, to be written down.
    func record(_ id: String) -> StateRecord {
        switch self {
        case .text(let text, let isFailure):
            StateRecord("parcel", [("id", .string(id)), ("text", .string(text)), ("isFailure", .bool(isFailure))])
        case .columns(let write):
            StateRecord(
                "parcel",
                [("id", .string(id)), ("connection", .string(write.target.connection))] + write.target.key.stateFields
                    + [("properties", TableEntity.json(write.properties)), ("isCopy", .bool(write.isCopy))])
        }
    }

    init(_ record: StateRecord) {
        if record.fields["connection"] == nil {
            self = .text(record.text("text"), isFailure: record.fields["isFailure"] == true)
        } else {
            let target = StatusUpdate.Target(connection: record.text("connection"), key: TableEntity.Key(record))
            self = .columns(
                StatusWrite(
                    target: target, properties: TableEntity.properties(record.fields["properties"] ?? .null),
                    isCopy: record.fields["isCopy"] == true))
        }
    }
}

/// What is merged into an entity of the status table.
struct StatusWrite: Sendable {
    let target: StatusUpdate.Target
    let properties: [TableEntity.Property]
    /// Whether it is only about a source's second copy, which leaves a status that is there alone.
    let isCopy: Bool
}
