package import SpoolPrimitives

/// Where verdicts are written (protocol.md §6).
package struct JournalSettings: Sendable, Hashable {
    package var path: String
    package var rotateAt: ByteCount
    package var keep: Duration
    /// Events that wait for a journal that cannot be written, at most.
    package var backlog: Int

    package init(path: String, rotateAt: ByteCount, keep: Duration, backlog: Int) {
        self.path = path
        self.rotateAt = rotateAt
        self.keep = keep
        self.backlog = backlog
    }

    private static let path = ConfigurationKey<String>.path(
        "path", .defaulted("/var/log/kusto-spool/journal.ndjson"),
        "The journal: one line of JSON for each event. Where logs are looked for.")

    private static let rotateAt = ConfigurationKey<ByteCount>.size(
        "rotate_at", in: .kibibytes(64) ... .gibibytes(1024), default: "256 MiB",
        "The size at which a new journal is begun: about half a million events, which an editor still opens.")

    private static let keep = ConfigurationKey<Duration>.duration(
        "keep", in: .seconds(3600) ... .seconds(3650 * 86_400), default: "14 days",
        "How long rotated journals stay. As long as the service shows its own record of failures.")

    private static let backlog = ConfigurationKey<Int>.count(
        "backlog", in: 1000...10_000_000, default: 200_000,
        "Events that wait in the ledger while the journal cannot be written. Beyond them nothing is uploaded and no queue is drained; some 100 MB of ledger."
    )

    static let key = ConfigurationKey<JournalSettings>.section(
        "journal",
        SectionDescription(
            "journal", "Where verdicts are written.", [path.description, rotateAt.description, keep.description, backlog.description])
    ) { reader in
        let path = reader.read(path)
        let rotateAt = reader.read(rotateAt)
        let keep = reader.read(keep)
        let backlog = reader.read(backlog)
        guard let path, let rotateAt, let keep, let backlog else { return nil }
        return JournalSettings(path: path, rotateAt: rotateAt, keep: keep, backlog: backlog)
    }
}
