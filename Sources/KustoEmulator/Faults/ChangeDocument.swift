/// Reads changes from JSON, as `POST /__emulator/change` and a fault's `{"change": …}` take them: one or an array of
///
///     "expire-signatures", "revoke-bearers", "revoke-identities", "rotate-notification-queues", "pause-ingestion", "resume-ingestion",
///     "hold-notifications", "release-notifications", {"settings": {…}}, {"advance-clock": seconds}, {"clock-offset": seconds},
///     {"expire-signatures": "account1"}, {"rotate-key": "account1"}, {"add": {"account": "account3"}},
///     {"add": {"account": "account1", "queue": "readyforaggregation-secured-7"}},
///     {"remove": {"account": "account1", "container": "20260101-ingestdata-0", "from": "storage"}}, {"notification-queues": 3},
///     {"foreign-notifications": 100000, "failures": 50}
///
/// A resource is an account, or with `container`, `queue` or `table` (true) a part of it. It is removed `from` snapshot, storage or both, which is the default.
enum ChangeDocument {
    static func changes(_ json: JSON) throws -> [EmulatorChange] { try (json.elements ?? [json]).map(change) }

    private static func change(_ json: JSON) throws -> EmulatorChange {
        switch json.text {
        case "expire-signatures": return .expireSignatures(account: nil)
        case "revoke-bearers": return .revokeBearerTokens
        case "revoke-identities": return .revokeIdentityTokens
        case "rotate-notification-queues": return .rotateNotificationQueues
        case "pause-ingestion": return .ingestion(paused: true)
        case "resume-ingestion": return .ingestion(paused: false)
        case "hold-notifications": return .notifications(held: true)
        case "release-notifications": return .notifications(held: false)
        default: break
        }
        if let settings = json["settings"] {
            var trial = RuntimeSettings(EmulatorConfiguration())
            try SettingsDocument.apply(settings, to: &trial)
            // It was read once, so it can be read again.
            return .adjust { target in do { try SettingsDocument.apply(settings, to: &target) } catch {} }
        }
        if let duration = json["advance-clock"].flatMap(SettingsDocument.duration) { return .advanceClock(duration) }
        if let duration = json["clock-offset"].flatMap(SettingsDocument.duration) { return .setClock(offset: duration) }
        if let account = json["expire-signatures"]?.text { return .expireSignatures(account: account) }
        if let account = json["rotate-key"]?.text { return .rotateKey(account: account) }
        if let resource = json["add"] { return .add(try Self.resource(resource)) }
        if let resource = json["remove"] {
            guard let place = EmulatorChange.Place(rawValue: resource["from"]?.text ?? "both") else { throw invalid(json) }
            return .remove(try Self.resource(resource), from: place)
        }
        if let count = json["notification-queues"]?.integer, (0...32).contains(count) { return .notificationQueues(count) }
        if let count = json["foreign-notifications"]?.integer, (0...10_000_000).contains(count) {
            return .foreignNotifications(count, failurePercent: json["failures"]?.integer ?? 50)
        }
        throw invalid(json)
    }

    private static func resource(_ json: JSON) throws -> EmulatorChange.Resource {
        guard let account = json["account"]?.text, !account.isEmpty else { throw invalid(json) }
        if let name = json["container"]?.text { return .container(account: account, name: name) }
        if let name = json["queue"]?.text { return .queue(account: account, name: name) }
        return json["table"]?.flag == true ? .table(account: account) : .account(account)
    }

    private static func invalid(_ json: JSON) -> FaultDocument.Invalid {
        FaultDocument.Invalid(description: "this is no change: \(json.encoded)")
    }
}
