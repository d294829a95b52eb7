/// One row of protocol.md §3 as a trace can show it: before `effect` happens, `needs` have happened since `since`.
struct DurabilityRule: Sendable {
    var name: String
    /// The step of protocol.md §3, or the section.
    var step: String
    var effect: CallPattern
    var since: CallPattern
    /// Calls that have begun after `since` and ended well before `effect` began.
    var needs: [CallPattern]

    /// What a trace says of it.
    struct Finding: Sendable, Hashable {
        /// How often the effect was seen behind its `since`: a rule that never applied was not tested.
        var seen = 0
        /// What was missing, once for each time.
        var missing: [String] = []
    }

    func look(at trace: CallTrace) -> Finding {
        var finding = Finding()
        for (index, effect) in trace.calls.enumerated() where self.effect.matches(effect) {
            guard let since = trace.calls[..<index].last(where: { since.matches($0) && $0.began < effect.began }) else { continue }
            finding.seen += 1
            for need in needs where !trace.calls.contains(where: { Self.isBetween($0, since, effect) && need.matches($0) }) {
                finding.missing.append("\(need.description) before \(self.effect.description)")
            }
        }
        return finding
    }

    private static func isBetween(_ call: CallTrace.Call, _ since: CallTrace.Call, _ effect: CallTrace.Call) -> Bool {
        guard call.succeeded, let ended = call.ended else { return false }
        return call.began > (since.ended ?? since.began) && ended < effect.began
    }
}

extension DurabilityRule {
    /// What must be on disk before what, for files that go their way one at a time.
    static let all: [DurabilityRule] = [
        DurabilityRule(
            name: "a claim is in its directories before it is in the ledger", step: "1", effect: .mark("filesClaimed"), since: .claim,
            needs: [
                .flush("the claim's directory", "fsync") { $0.contains("/.active/") },
                .flush("the spool's root", "fsync") { $0.hasSuffix("/spool") },
            ]),
        DurabilityRule(
            name: "a claim is committed before it counts", step: "2", effect: .mark("claimCommitted"), since: .mark("filesClaimed"),
            needs: [.ledger]),
        DurabilityRule(
            name: "no byte of a file is sent before its claim is committed", step: "3", effect: .request("PUT", not: "/messages"),
            since: .mark("filesClaimed"), needs: [.ledger]),
        DurabilityRule(
            name: "no message is posted before its posting is committed", step: "4", effect: .request("POST", "/messages"),
            since: .mark("uploaded"), needs: [.ledger]),
        DurabilityRule(
            name: "a 201 is committed before it counts", step: "5", effect: .mark("queuedCommitted"), since: .mark("posted"),
            needs: [.ledger]),
        DurabilityRule(
            name: "a verdict is committed before its notification is deleted", step: "6", effect: .request("DELETE", "/messages/"),
            since: .mark("notificationRead"), needs: [.ledger]),
        DurabilityRule(
            name: "a verdict is committed before its file is moved", step: "7", effect: .disposal, since: .mark("notificationRead"),
            needs: [.ledger]),
        DurabilityRule(
            name: "a moved file is in its directory before the ledger says so", step: "7", effect: .mark("fileDisposed"), since: .disposal,
            needs: [
                .flush("the target's directory", "fsync") {
                    ($0.contains("/done/") || $0.hasSuffix("/failed")) && !$0.contains("/.reasons")
                }
            ]),
        DurabilityRule(
            name: "a reason is on disk before the ledger says where the file is", step: "7", effect: .mark("fileDisposed"), since: .reason,
            needs: [.flush("the reason's directory", "fsync") { $0.hasSuffix("/.reasons") }]),
        DurabilityRule(
            name: "a reason has its bytes before it has its name", step: "7", effect: .reason, since: .reasonMade,
            needs: [.flush("the reason's file", "fsync") { $0.contains("/.reasons/") }]),
        DurabilityRule(
            name: "a disposal is committed before it counts", step: "7", effect: .mark("disposalCommitted"), since: .mark("fileDisposed"),
            needs: [.ledger]),
        DurabilityRule(
            name: "a line is in the journal before the ledger lets go of it", step: "§6", effect: .mark("journalAppended"),
            since: .journalLine, needs: [.flush("the journal", "fdatasync") { $0.hasSuffix("/journal.ndjson") }]),
        DurabilityRule(
            name: "what the journal has is committed before it counts", step: "§6", effect: .mark("journalDrained"),
            since: .mark("journalAppended"), needs: [.ledger]),
    ]
}

extension CallPattern {
    /// A point of the daemon's way: see `kusto-spool-crashing`.
    static func mark(_ point: String) -> CallPattern { CallPattern(point) { $0.name == "unlink" && $0.path.hasSuffix("/marks/\(point)") } }

    static func flush(_ what: String, _ call: String, _ isMeant: @escaping @Sendable (String) -> Bool) -> CallPattern {
        CallPattern("\(call) of \(what)") { $0.name == call && isMeant($0.path) }
    }

    static func request(_ method: String, _ part: String = "", not other: String? = nil) -> CallPattern {
        CallPattern("\(method) \(part)") { call in
            call.name == "send" && call.other.hasPrefix("\(method) ") && call.other.contains(part)
                && !(other.map(call.other.contains) ?? false)
        }
    }

    static let ledger = CallPattern("flush of the ledger") {
        ($0.name == "fdatasync" || $0.name == "fsync") && $0.path.hasSuffix("/ledger.sqlite-wal")
    }
    static let claim = CallPattern("rename into .active") {
        $0.name == "rename" && $0.other.contains("/.active/") && !$0.path.contains("/.active/")
    }
    static let disposal = CallPattern("rename to done/ or failed/") {
        $0.name == "rename" && $0.path.contains("/.active/") && ($0.other.contains("/done/") || $0.other.contains("/failed/"))
    }
    static let reasonMade = CallPattern("the reason's file") { $0.name == "open" && $0.path.contains("/.reasons/") }
    static let reason = CallPattern("the reason's name") { $0.name == "rename" && $0.other.contains("/.reasons/") }
    static let journalLine = CallPattern("write of the journal") { $0.name.contains("write") && $0.path.hasSuffix("/journal.ndjson") }
}
