import KustoEmulator

/// One thing that goes wrong in the cloud: a rule for the emulator, in the words of its fault documents.
struct FaultCase: Sendable, CustomStringConvertible {
    /// The rows and columns of the matrix.
    var fault: String
    var endpoint: String
    /// The rule as the emulator reads it.
    var rule: String
    /// Whether statuses that were asked for before it can still be written. Where not, such a file ends unconfirmed, which takes a deadline: the case has none.
    var keepsStatuses = true

    var description: String { "\(fault) at \(endpoint)" }
}

extension FaultCase {
    /// What a server, or something before it, does instead of its duty.
    private static let replies: [(fault: String, action: String)] = [
        ("500", #"{"error": "InternalError"}"#),
        ("503 ServerBusy", #"{"error": "ServerBusy"}"#),
        ("503 with Retry-After", #"{"error": "ServerBusy", "headers": {"Retry-After": "1"}}"#),
        ("503 of a gateway", #"{"status": 503, "body": "html"}"#),
        ("429", #"{"error": "TooManyRequests"}"#),
        ("408", #"{"error": "RequestTimeout"}"#),
        ("403 expired", #"{"error": "AuthenticationFailed.expired"}"#),
        ("403 wrong signature", #"{"error": "AuthenticationFailed.signature"}"#),
        ("403 not allowed", #"{"error": "AuthorizationFailure"}"#),
        ("403 permission", #"{"error": "AuthorizationPermissionMismatch"}"#),
        ("404 gone", #"{"error": "ResourceNotFound"}"#),
        ("409", #"{"error": "ContainerBeingDeleted"}"#),
        ("412", #"{"error": "ConditionNotMet"}"#),
        ("reset before", #""reset-before""#),
        ("reset after", #""reset-after""#),
        ("hang", #"{"hang": 2}"#),
        ("truncated body", #"{"truncate": 20}"#),
        ("trickle", #"{"trickle": 8, "pause": 5}"#),
        ("wrong Content-Length", #"{"misstate-length": 40}"#),
        ("HTML", #""html""#),
        ("malformed", #""malformed""#),
        ("BOM", #""bom""#),
        ("empty", #""emptied""#),
        ("binary", #""binary""#),
    ]

    /// What the management and token endpoints say in their own words.
    private static let managementReplies: [(fault: String, action: String)] = [
        ("500", #"{"error": "Kusto.InternalError"}"#),
        ("503 of a gateway", #"{"status": 503, "body": "html"}"#),
        ("429", #"{"error": "Kusto.Throttled"}"#),
        ("401", #"{"error": "Kusto.Unauthorized"}"#),
        ("403 not allowed", #"{"error": "Kusto.Forbidden"}"#),
        ("412", #"{"error": "Kusto.Suspended"}"#),
    ]

    private static let spoiling: Set<String> = [
        "408", "reset before", "reset after", "hang", "truncated body", "trickle", "wrong Content-Length", "HTML", "malformed", "BOM",
        "empty", "binary",
    ]

    /// Every fault at every endpoint that the daemon speaks to.
    static let requests: [FaultCase] = {
        var cases: [FaultCase] = []
        // What a run asks for often fails now and then, what it seldom asks for at first.
        for (endpoint, when) in [
            ("blob.put", "every"), ("blob.block", "first"), ("blob.blocklist", "first"), ("queue.put", "every"), ("queue.get", "every"),
            ("queue.delete", "every"), ("table.insert", "every"), ("table.query", "first"),
        ] {
            let count = when == "every" ? 3 : 2
            for (fault, action) in replies {
                let rule = #"{"endpoint": "\#(endpoint)", "when": {"\#(when)": \#(count)}, "action": \#(action)}"#
                cases.append(FaultCase(fault: fault, endpoint: endpoint, rule: rule))
            }
        }
        for endpoint in ["mgmt.resources", "mgmt.identity", "token", "metadata"] {
            for (fault, action) in managementReplies + replies.filter({ spoiling.contains($0.fault) }) {
                cases.append(
                    FaultCase(
                        fault: fault, endpoint: endpoint, rule: #"{"endpoint": "\#(endpoint)", "when": {"first": 1}, "action": \#(action)}"#
                    ))
            }
        }
        for percent in [10, 30] {
            for (fault, action) in replies where ["503 ServerBusy", "403 expired", "reset after", "reset before"].contains(fault) {
                cases.append(
                    FaultCase(
                        fault: "\(fault), \(percent) %", endpoint: "blob, queue and table",
                        rule: #"{"endpoint": ["blob", "queue", "table"], "when": {"percent": \#(percent)}, "action": \#(action)}"#))
            }
        }
        return cases
    }()

    /// What happens to verdicts on their way.
    static let notifications: [FaultCase] =
        [
            ("delayed", #"{"delay": 1500}"#), ("duplicated", #"{"duplicate": 2}"#), ("reordered", #"{"reorder": 3, "within": 2000}"#),
            ("unknown fields", #""unknown-fields""#), ("numbers as texts", #""other-types""#), ("foreign", #"{"foreign": 50}"#),
        ].map { fault, action in
            FaultCase(
                fault: fault, endpoint: "notifications", rule: #"{"notification": "any", "when": "always", "action": \#(action)}"#)
        } + [
            FaultCase(
                fault: "contradicting", endpoint: "notifications",
                rule: #"{"notification": "success", "when": {"every": 2}, "action": "contradict"}"#),
            FaultCase(
                fault: "before the post's reply", endpoint: "notifications",
                rule: #"{"endpoint": "queue.put", "when": {"every": 2}, "action": "verdict-first"}"#),
        ]

    /// What happens to the cloud itself in mid-run. A message carries the signature with which its status is written: what ends that, ends the status.
    static let changes: [FaultCase] = [
        ("signatures expire", #""expire-signatures""#), ("an account's key is rotated", #"{"rotate-key": "account2"}"#),
        ("5,000 foreign notifications", #"{"foreign-notifications": 5000, "failures": 50}"#),
        ("an account leaves", #"{"remove": {"account": "account2", "from": "snapshot"}}"#),
        ("an account comes", #"{"add": {"account": "account9"}}"#),
        ("identity tokens are revoked", #""revoke-identities""#), ("bearers are revoked", #""revoke-bearers""#),
        ("the service's clock is an hour ahead", #"{"clock-offset": 3600}"#),
        ("the service's clock is an hour behind", #"{"clock-offset": -3600}"#),
        ("containers' signatures live two minutes", #"{"settings": {"containerSASLifetime": 120}}"#),
    ].flatMap { fault, change in
        ["blob.block", "queue.put"].map { endpoint in
            FaultCase(
                fault: fault, endpoint: "in mid-run, at \(endpoint)",
                rule: #"{"endpoint": "\#(endpoint)", "when": {"nth": 2}, "action": {"change": \#(change)}}"#, keepsStatuses: false)
        }
    }
}
