/// Reads what a rule does from JSON.
///
/// To a request: `"reset-before"`, `"reset-after"`, `"verdict-first"`, `"malformed"`, `"html"`, `"bom"`, `"emptied"`, `"binary"`, `"wrong-type"`, or one of
/// `{"error": name, "headers": {…}}` with a name of `FaultReply.known`, `{"status": …, "headers": {…}, "body": …}` with `body` one of `storage`,
/// `oneapi`, `token`, `html`, `truncated-json`, `raw`, `empty`, `{"hang": seconds}`, `{"delay": milliseconds}`, `{"truncate": bytes}`,
/// `{"trickle": bytes, "pause": milliseconds}`, `{"misstate-length": bytes}`, `{"change": …}` as `ChangeDocument` has it.
///
/// To a verdict: `"lose"`, `"contradict"`, `"unknown-fields"`, `"other-types"`, `"garbage"`, or one of `{"delay": milliseconds}`, `{"duplicate": times}`,
/// `{"reorder": others, "within": milliseconds}`, `{"foreign": count}`.
enum FaultActionDocument {
    static func action(_ json: JSON) throws -> FaultAction {
        switch json.text {
        case "reset-before": return .resetBefore
        case "reset-after": return .resetAfter
        case "verdict-first": return .verdictFirst
        case .some(let name): if let alteration = ReplyAlteration(rawValue: name) { return .alter(alteration) }
        case nil: break
        }
        if let seconds = json["hang"].flatMap(SettingsDocument.duration) { return .hang(seconds) }
        if let milliseconds = json["delay"]?.integer { return .delay(.milliseconds(milliseconds)) }
        if let bytes = json["truncate"]?.integer { return .truncate(after: bytes) }
        if let bytes = json["trickle"]?.integer { return .trickle(chunk: bytes, pause: .milliseconds(json["pause"]?.integer ?? 10)) }
        if let bytes = json["misstate-length"]?.integer { return .misstateLength(by: bytes) }
        if let changes = json["change"] { return .change(try ChangeDocument.changes(changes)) }
        let headers = (json["headers"]?.members ?? []).map { (name: $0.name, value: $0.value.text ?? $0.value.encoded) }
        if let name = json["error"]?.text {
            guard var reply = FaultReply.known[name] else {
                let names = FaultReply.known.keys.sorted().joined(separator: ", ")
                throw FaultDocument.Invalid(description: "\(name) is no error; there are \(names)")
            }
            reply.headers += headers
            return .reply(reply)
        }
        guard let status = json["status"]?.integer else { throw invalid(json) }
        return .reply(FaultReply(status: status, headers: headers, body: try body(json)))
    }

    static func notificationAction(_ json: JSON) throws -> NotificationRule.Action {
        switch json.text {
        case "lose": return .lose
        case "contradict": return .contradict
        case "unknown-fields": return .unknownFields
        case "other-types": return .otherTypes
        case "garbage": return .garbage
        default: break
        }
        if let milliseconds = json["delay"]?.integer { return .delay(.milliseconds(milliseconds)) }
        if let times = json["duplicate"]?.integer, times > 0 { return .duplicate(times) }
        if let others = json["reorder"]?.integer, others > 0 {
            return .reorder(behind: others, atMost: .milliseconds(json["within"]?.integer ?? 2000))
        }
        if let count = json["foreign"]?.integer, count > 0 { return .foreign(count) }
        throw invalid(json)
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
        default:
            throw FaultDocument.Invalid(
                description: "body is storage, oneapi, token, html, truncated-json, raw or empty: \(json.encoded)")
        }
    }

    private static func invalid(_ json: JSON) -> FaultDocument.Invalid {
        FaultDocument.Invalid(description: "this is no action: \(json.encoded)")
    }
}
