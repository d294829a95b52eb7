/// Reads a fault plan from JSON, as `--faults` and `POST /__emulator/faults` take them:
///
///     {"rules": [{"endpoint": "blob.put", "account": "account1", "resource": "container", "when": {"first": 3},
///                 "action": {"error": "ServerBusy", "headers": {"Retry-After": "1"}}},
///                {"notification": "success", "method": "queue", "table": "T", "when": {"percent": 5}, "action": {"duplicate": 1}}]}
///
/// A rule with `endpoint` is about requests: a name, the part of names before the dot, an array of those, or `"*"`. A rule with `notification` is about
/// verdicts: `success`, `failure` or `any`. `when` is `"always"` or one of `nth`, `from`, `first`, `every`, `percent`. `FaultActionDocument` has the actions.
package enum FaultDocument {
    /// What was wrong with a plan.
    package struct Invalid: Error, CustomStringConvertible {
        package let description: String
    }

    /// The rules of a document.
    package struct Rules: Sendable {
        /// Those about requests.
        package var requests: [FaultRule] = []
        /// Those about verdicts.
        package var notifications: [NotificationRule] = []
    }

    /// The rules about requests of a document that has no others.
    package static func rules(_ bytes: some Collection<UInt8>) throws -> [FaultRule] {
        let rules = try read(bytes)
        guard rules.notifications.isEmpty else { throw Invalid(description: "rules about notifications are not wanted here") }
        return rules.requests
    }

    /// The rules of a document.
    package static func read(_ bytes: some Collection<UInt8>) throws -> Rules {
        let document = try JSON.parse(bytes)
        guard let list = document["rules"]?.elements ?? document.elements ?? (document["action"] == nil ? nil : [document]) else {
            throw Invalid(description: "a fault plan has an array named rules")
        }
        return try list.reduce(into: Rules()) { rules, json in
            if let notification = json["notification"] {
                rules.notifications.append(try notificationRule(json, notification))
            } else {
                rules.requests.append(try requestRule(json))
            }
        }
    }

    private static func requestRule(_ json: JSON) throws -> FaultRule {
        FaultRule(
            try endpoints(json["endpoint"]), account: json["account"]?.text, resource: json["resource"]?.text,
            when: try occurrence(json["when"]), action: try FaultActionDocument.action(json["action"] ?? .null))
    }

    private static func notificationRule(_ json: JSON, _ kind: JSON) throws -> NotificationRule {
        let isFailure: Bool?
        switch kind.text {
        case "success": isFailure = false
        case "failure": isFailure = true
        case "any": isFailure = nil
        default: throw Invalid(description: "notification is success, failure or any: \(json.encoded)")
        }
        let method = json["method"].map { NotificationRule.Method(rawValue: $0.text ?? "") }
        if let method, method == nil { throw Invalid(description: "method is queue or table: \(json.encoded)") }
        return NotificationRule(
            isFailure: isFailure, method: method ?? nil, table: json["table"]?.text, when: try occurrence(json["when"]),
            action: try FaultActionDocument.notificationAction(json["action"] ?? .null))
    }

    private static func endpoints(_ json: JSON?) throws -> Set<Endpoint> {
        let names = json?.elements?.map { $0.text ?? "" } ?? [json?.text ?? "*"]
        if names == ["*"] { return [] }
        return try names.reduce(into: []) { endpoints, name in
            guard let named = Endpoint.named(name) else {
                throw Invalid(
                    description: "\(name) is no endpoint; there are \(Endpoint.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            endpoints.formUnion(named)
        }
    }

    private static func occurrence(_ json: JSON?) throws -> FaultRule.Occurrence {
        guard let json, json.text != "always" else { return .always }
        if let nth = json["nth"]?.integer { return .nth(nth) }
        if let first = json["from"]?.integer { return .from(first) }
        if let first = json["first"]?.integer { return .first(first) }
        if let every = json["every"]?.integer { return .every(every) }
        if case .number(let text) = json["percent"], let percent = Double(text) { return .percent(percent) }
        throw Invalid(description: "when is \"always\" or has one of nth, from, first, every, percent: \(json.encoded)")
    }
}
