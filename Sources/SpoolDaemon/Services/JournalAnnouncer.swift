import SpoolPrimitives
import SystemdService

/// Sends the journal's lines to systemd's journal as structured fields, at most once each and best effort (protocol.md §6).
///
/// `journalctl -t kusto-spool KUSTO_FILE=requests.csv` finds one file's story; MESSAGE_ID finds one kind of event.
struct JournalAnnouncer: Sendable {
    /// Nil where there is no journal to send to.
    init?() {
        guard SystemdJournal.isThere else { return nil }
    }

    func announce(_ lines: [UInt8]) {
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            guard let entry = Self.entry(Array(line)) else { continue }
            _ = SystemdJournal.send(entry)
        }
    }

    /// One event as an entry: its fields under our prefix, and a sentence.
    static func entry(_ line: [UInt8]) -> JournalEntry? {
        let object: JSONValue
        do throws(JSONError) { object = try JSONValue(parsing: line) } catch { return nil }
        guard let event = object["event"]?.text, let members = object.members else { return nil }
        var message = event.replacing("_", with: " ")
        if let file = object["file"]?.text { message += ": \(file)" }
        if let reason = object["reason"]?.text { message += " (\(reason))" }
        let fields = members.compactMap { member in
            member.value.text.map { ("KUSTO_" + member.key.uppercased(), $0) }
                ?? member.value.integer.map { ("KUSTO_" + member.key.uppercased(), "\($0)") }
        }
        return JournalEntry(
            message, priority: priority(of: event), id: MessageID(event: event), fields: [("SYSLOG_IDENTIFIER", "kusto-spool")] + fields)
    }

    private static func priority(of event: String) -> JournalPriority {
        switch event {
        case "failed", "skipped", "unconfirmed", "held", "vanished", "changed_after_post", "gap": .error
        case "ambiguous", "reposted", "duplicated", "contradicted", "superseded", "deferred": .warning
        default: .info
        }
    }
}
