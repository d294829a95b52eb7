/// A verdict on its way to where it is read: one notification for a queue, or one status for a table.
struct Verdict: Sendable {
    /// How it is spoilt.
    enum Alteration: Sendable {
        case unknownFields, otherTypes
    }

    var notification: Notification
    /// The entity, where a table is told; nil where a queue is.
    var target: StatusUpdate.Target?
    var status = ""
    var alterations: [Alteration] = []

    var method: NotificationRule.Method { target == nil ? .queue : .table }

    /// The same source with the opposite verdict.
    var opposite: Verdict {
        var opposite = self
        if notification.failure == nil {
            opposite.notification.failure = IngestionFailure(
                "General_InternalServerError", "This failure contradicts a success on purpose.", failureStatus: "Permanent")
            opposite.status = "Failed"
        } else {
            opposite.notification.failure = nil
            opposite.status = "Succeeded"
        }
        return opposite
    }

    /// As it stands in the queue.
    var text: String {
        var members = notification.json.members ?? []
        for alteration in alterations {
            switch alteration {
            case .unknownFields:
                members.insert(JSON.Member(name: "Zeta", value: ["deep": [1, .null, ["x": "y"]]]), at: 0)
                members.append(JSON.Member(name: "IngestionSourceIdentity", value: "0"))
                members.append(JSON.Member(name: "operationid ", value: .number("1e400")))
            case .otherTypes: members = members.map { JSON.Member(name: $0.name, value: Self.otherType($0.value, of: $0.name)) }
            }
        }
        return Digests.base64(JSON.object(members).encodedBytes)
    }

    /// The columns of the status table, spoilt in the same ways.
    var properties: [TableEntity.Property] {
        guard let target else { return [] }
        var properties = StatusUpdate(target: target, status: status, notification: notification).properties
        for alteration in alterations {
            switch alteration {
            case .unknownFields: properties.append(TableEntity.Property("Zeta", .real(0.5)))
            case .otherTypes:
                properties = properties.map { property in
                    switch property.value {
                    // Some identifiers have come as texts from the real service.
                    case .guid(let text): TableEntity.Property(property.name, .text(text))
                    case .flag(let flag): TableEntity.Property(property.name, .text(flag ? "True" : "False"))
                    case .text(let text):
                        TableEntity.Property(
                            property.name, Self.codes[text].map { .int32(Int32(truncatingIfNeeded: $0)) } ?? property.value)
                    case .int32, .int64, .real, .time, .binary: property
                    }
                }
            }
        }
        return properties
    }

    /// The numbers behind the words of `FailureStatus`, and behind those error codes of which one is published.
    private static let codes = [
        "Unknown": 0, "Permanent": 1, "Transient": 2, "Exhausted": 3, "Stream_WrongNumberOfFields": 0x80DA_0008,
        "Stream_InputStreamTooLarge": 0x80DA_0009, "Stream_ClosingQuoteMissing": 0x80DA_000B,
        "Stream_DynamicPropertyBagTooLarge": 0x80DA_000E,
    ]

    private static func otherType(_ value: JSON, of name: String) -> JSON {
        switch value {
        case .bool(let flag): .string(flag ? "True" : "False")
        case .number(let text): .string(text)
        case .string(let text): codes[text].map { .integer($0) } ?? value
        case .null, .array, .object: value
        }
    }
}
