/// Reads a fault plan from JSON, as `--faults` and `POST /__emulator/faults` take it:
///
///     {"rules": [{"endpoint": "blob.put", "account": "account1", "resource": "container", "when": {"first": 3},
///                 "action": {"status": 503, "body": "storage", "code": "ServerBusy", "message": "…", "headers": {"Retry-After": "1"}}}]}
///
/// `endpoint` is a name, the part of names before the dot, an array of those, or `"*"`. `when` is `"always"` or one of `nth`, `first`, `every`, `percent`. `action` is a reply (`status`, with `body`
/// one of `storage`, `oneapi`, `token`, `html`, `truncated-json`, `raw`, `empty`), `"reset-before"`, `"reset-after"`, or one of `{"hang": seconds}`,
/// `{"delay": milliseconds}`, `{"truncate": bytes}`, `{"trickle": bytes, "pause": milliseconds}`.
package enum FaultDocument {
    /// What was wrong with a plan.
    package struct Invalid: Error, CustomStringConvertible {
        package let description: String
    }

    /// The rules of a document.
    package static func rules(_ bytes: some Collection<UInt8>) throws -> [FaultRule] {
        let document = try JSON.parse(bytes)
        guard let rules = document["rules"]?.elements ?? document.elements else {
            throw Invalid(description: "a fault plan has an array named rules")
        }
        return try rules.map(rule)
    }

    private static func rule(_ json: JSON) throws -> FaultRule {
        FaultRule(
            try endpoints(json["endpoint"]), account: json["account"]?.text, resource: json["resource"]?.text,
            when: try occurrence(json["when"]),
            action: try action(json["action"] ?? .null))
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
        if let first = json["first"]?.integer { return .first(first) }
        if let every = json["every"]?.integer { return .every(every) }
        if case .number(let text) = json["percent"], let percent = Double(text) { return .percent(percent) }
        throw Invalid(description: "when is \"always\" or has one of nth, first, every, percent: \(json.encoded)")
    }

    private static func action(_ json: JSON) throws -> FaultAction {
        switch json.text {
        case "reset-before": return .resetBefore
        case "reset-after": return .resetAfter
        default: break
        }
        if let seconds = json["hang"]?.integer { return .hang(.seconds(seconds)) }
        if let milliseconds = json["delay"]?.integer { return .delay(.milliseconds(milliseconds)) }
        if let bytes = json["truncate"]?.integer { return .truncate(after: bytes) }
        if let bytes = json["trickle"]?.integer { return .trickle(chunk: bytes, pause: .milliseconds(json["pause"]?.integer ?? 10)) }
        guard let status = json["status"]?.integer else { throw Invalid(description: "this is no action: \(json.encoded)") }
        let headers = (json["headers"]?.members ?? []).map { (name: $0.name, value: $0.value.text ?? $0.value.encoded) }
        return .reply(FaultReply(status: status, headers: headers, body: try body(json)))
    }

    private static func body(_ json: JSON) throws -> FaultReply.Body {
        let message = json["message"]?.text ?? "A fault was asked for."
        switch json["body"]?.text ?? "empty" {
        case "storage": return .storage(code: json["code"]?.text ?? "InternalError", message: message)
        case "oneapi":
            return .oneAPI(
                code: json["code"]?.text ?? "General_InternalServerError", type: json["type"]?.text ?? "Kusto.Common.Svc.Exceptions.Fault",
                message: message, permanent: json["permanent"]?.flag ?? false)
        case "token": return .token(error: json["code"]?.text ?? "temporarily_unavailable", description: message)
        case "html": return .html(json["text"]?.text ?? "<html><body>\(message)</body></html>")
        case "truncated-json": return .truncatedJSON
        case "raw": return .raw(json["text"]?.text ?? "", contentType: json["type"]?.text ?? "text/plain")
        case "empty": return .empty
        default: throw Invalid(description: "body is storage, oneapi, token, html, truncated-json, raw or empty: \(json.encoded)")
        }
    }
}
