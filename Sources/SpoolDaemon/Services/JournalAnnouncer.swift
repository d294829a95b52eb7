import SystemdService

/// Sends the journal's lines to systemd's journal as structured fields, at most once each and best effort (protocol.md §6).
struct JournalAnnouncer: Sendable {
    private let journal = SystemdJournal()

    func announce(_ lines: [UInt8]) {
        for line in lines.split(separator: UInt8(ascii: "\n")) { journal.send(JournalEventFields.fields(of: Array(line))) }
    }
}
