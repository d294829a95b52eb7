/// One entry for systemd's journal: a message and fields, as sd_journal_sendv(3) takes them. Pure.
///
/// Field names are letters A to Z, digits and underscores, at most 64 of them, not beginning with a digit or an underscore (those are the
/// journal's own trusted fields). Values are bytes of any kind, newlines and all; each is cut at 64 KiB, so that no reply of a server can
/// fill the journal.
package struct JournalEntry: Sendable, Hashable {
    /// The longest value, in bytes.
    package static let maximumValueLength = 64 << 10

    package var priority: JournalPriority
    package var message: String
    /// What kind of event it is, for `journalctl MESSAGE_ID=`.
    package var id: MessageID?
    package private(set) var fields: [(name: String, value: String)] = []

    /// - Parameter fields: a name that breaks the rule is made one that keeps it (`file name` becomes `FILE_NAME`), since a field shown under
    ///   an unexpected name is worth more than one dropped; one without a letter is dropped.
    package init(_ message: String, priority: JournalPriority, id: MessageID? = nil, fields: [(String, String)] = []) {
        self.message = message
        self.priority = priority
        self.id = id
        for (name, value) in fields {
            if let name = Self.fieldName(name) { self.fields.append((name, value)) }
        }
    }

    /// The name as the journal takes it; nil for one that has no letter, and for those that the entry itself writes.
    package static func fieldName(_ name: String) -> String? {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): bytes.append(byte & ~0x20)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte)
            // A name begins with a letter.
            case UInt8(ascii: "0")...UInt8(ascii: "9"): if !bytes.isEmpty { bytes.append(byte) }
            default: if let last = bytes.last, last != UInt8(ascii: "_") { bytes.append(UInt8(ascii: "_")) }
            }
        }
        let text = String(decoding: bytes.prefix(64), as: UTF8.self)
        return text.isEmpty || ["MESSAGE", "PRIORITY", "MESSAGE_ID"].contains(text) ? nil : text
    }

    /// `NAME=value` for each field, what is needed first.
    package var assignments: [[UInt8]] {
        var assignments = [Self.assignment("MESSAGE", message), Self.assignment("PRIORITY", String(priority.rawValue))]
        if let id { assignments.append(Self.assignment("MESSAGE_ID", id.text)) }
        return assignments + fields.map { Self.assignment($0.name, $0.value) }
    }

    private static func assignment(_ name: String, _ value: String) -> [UInt8] {
        var assignment = Array(name.utf8) + [UInt8(ascii: "=")]
        assignment += value.utf8.prefix(maximumValueLength)
        return assignment
    }

    package static func == (a: JournalEntry, b: JournalEntry) -> Bool { a.assignments == b.assignments }

    package func hash(into hasher: inout Hasher) { hasher.combine(assignments) }
}
