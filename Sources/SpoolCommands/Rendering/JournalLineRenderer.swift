import ResultJournal
import SpoolPrimitives

/// One journal line for a person: when, what, which file, and why where there is a why.
struct JournalLineRenderer {
    /// The events that are verdicts.
    static let verdicts: Set<String> = ["succeeded", "failed", "presumed", "skipped", "unconfirmed"]
    /// The events that `--failed` shows: what somebody may have to look at.
    static let troubles: Set<String> = [
        "failed", "skipped", "unconfirmed", "held", "vanished", "changed_after_post", "contradicted", "duplicated", "gap",
    ]

    let event: String
    private let object: JSONValue

    /// Nil for a line that is no event.
    init?(_ line: JournalLine) {
        do throws(JSONError) { object = try JSONValue(parsing: line.bytes) } catch { return nil }
        guard let event = object["event"]?.text else { return nil }
        self.event = event
    }

    var isTrouble: Bool { Self.troubles.contains(event) || event == "corrected" && object["verdict"]?.text == "failed" }

    var isVerdict: Bool { Self.verdicts.contains(event) }

    /// `2026-01-02 03:04:05.123  succeeded    requests.csv  → Logs.WebRequests  4.2 KiB`
    var text: String {
        let at = (object["at"]?.text ?? "").prefix(23).replacing("T", with: " ")
        var line = "\(at)  \(event.padded(to: 12))"
        if event == "gap", let from = object["from"]?.text, let to = object["to"]?.text { line += "  lines \(from) to \(to) are missing" }
        if let file = object["file"]?.text { line += "  \(file)" }
        if let database = object["database"]?.text, let table = object["table"]?.text { line += "  → \(database).\(table)" }
        if event == "accepted", let size = object["size"]?.integer { line += "  \(ByteCount(size))" }
        if let verdict = object["verdict"]?.text { line += "  \(verdict)" }
        if let code = object["code"]?.text { line += "  \(code)" }
        if let reason = object["reason"]?.text { line += "  \(reason)" }
        return line + "\n"
    }
}

extension String {
    func padded(to width: Int) -> String { count < width ? self + String(repeating: " ", count: width - count) : self }
}
