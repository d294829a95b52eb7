package import SpoolPrimitives

/// What is done with notifications (protocol.md §5).
package struct NotificationSettings: Sendable, Hashable {
    package var foreign: Foreign
    package var deadline: Duration

    package init(foreign: Foreign, deadline: Duration) {
        self.foreign = foreign
        self.deadline = deadline
    }

    /// What becomes of notifications about other clients' files.
    package enum Foreign: String, Sendable, Hashable {
        /// Drained into the journal.
        case journal
        /// Made visible again.
        case leave
    }

    private static let foreign = ConfigurationKey<Foreign>.choice(
        "foreign", [("journal", .journal), ("leave", .leave)], .defaulted("journal"),
        "The service's notification queues are shared by all clients of the cluster. `journal`: what others caused is drained too and recorded, "
            + "so that the queues do not fill up with what nobody reads. `leave`: it is put back, for clusters where others do read.")

    private static let deadline = ConfigurationKey<Duration>.duration(
        "deadline", in: .seconds(1) ... .seconds(7 * 86_400), default: "24 h",
        "How long to wait for a verdict before a file counts as unconfirmed. The service retries for hours; a queue message lives 7 days.")

    static let key = ConfigurationKey<NotificationSettings>.section(
        "notifications",
        SectionDescription("notifications", "How the service's reports are read.", [foreign.description, deadline.description])
    ) { reader in
        let foreign = reader.read(foreign)
        let deadline = reader.read(deadline)
        guard let foreign, let deadline else { return nil }
        return NotificationSettings(foreign: foreign, deadline: deadline)
    }
}

/// Where verdicts are written (protocol.md §6).
package struct JournalSettings: Sendable, Hashable {
    package var path: String
    package var rotateAt: ByteCount
    package var keep: Duration

    package init(path: String, rotateAt: ByteCount, keep: Duration) {
        self.path = path
        self.rotateAt = rotateAt
        self.keep = keep
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

    static let key = ConfigurationKey<JournalSettings>.section(
        "journal", SectionDescription("journal", "Where verdicts are written.", [path.description, rotateAt.description, keep.description])
    ) { reader in
        let path = reader.read(path)
        let rotateAt = reader.read(rotateAt)
        let keep = reader.read(keep)
        guard let path, let rotateAt, let keep else { return nil }
        return JournalSettings(path: path, rotateAt: rotateAt, keep: keep)
    }
}

/// What the daemon may use (P7).
package struct LimitSettings: Sendable, Hashable {
    /// Buffers of uploads, all together.
    package var memory: ByteCount
    /// Uploads at a time, at most; the daemon finds the best number below.
    package var concurrency: Int
    package var uploadBlockSize: ByteCount

    package init(memory: ByteCount, concurrency: Int, uploadBlockSize: ByteCount) {
        self.memory = memory
        self.concurrency = concurrency
        self.uploadBlockSize = uploadBlockSize
    }

    private static let memory = ConfigurationKey<ByteCount>.size(
        "memory", in: .mebibytes(16) ... .gibibytes(64), default: "256 MiB",
        "The buffers of all uploads together. Enough for 32 blocks; file sizes and backlogs do not count.")

    private static let concurrency = ConfigurationKey<Int>.count(
        "concurrency", in: 1...1024, default: 64,
        "Uploads at a time, at most. The daemon grows towards it while that helps, and halves when storage throttles.")

    private static let uploadBlockSize = ConfigurationKey<ByteCount>.size(
        "upload_block_size", in: .kibibytes(64) ... .mebibytes(100), default: "8 MiB",
        "Larger files are uploaded in blocks of this size. As in the Go SDK; 50,000 of them make 390 GiB, and a lost one costs little.")

    static let key = ConfigurationKey<LimitSettings>.section(
        "limits",
        SectionDescription(
            "limits", "What the daemon may use.", [memory.description, concurrency.description, uploadBlockSize.description])
    ) { reader in
        let memory = reader.read(memory)
        let concurrency = reader.read(concurrency)
        let block = reader.read(uploadBlockSize)
        guard let memory, let concurrency, let block else { return nil }
        if memory < block + block {
            reader.error("memory", "\(Units.text(memory)) is less than two blocks of upload_block_size (\(Units.text(block)))")
            return nil
        }
        return LimitSettings(memory: memory, concurrency: concurrency, uploadBlockSize: block)
    }
}

/// What is logged, and how.
package struct LogSettings: Sendable, Hashable {
    package var level: Level
    package var format: Format

    package init(level: Level, format: Format) {
        self.level = level
        self.format = format
    }

    /// The least serious level that is logged; each says who must act.
    package enum Level: String, Sendable, Hashable, CaseIterable {
        case error
        case warning
        case notice
        case info
        case debug
        case trace
    }

    package enum Format: String, Sendable, Hashable, CaseIterable {
        case text
        case json
    }

    private static let level = ConfigurationKey<Level>.choice(
        "level", Level.allCases.map { ($0.rawValue, $0) }, .defaulted("notice"),
        "error: someone must act; warning: degraded and healing; notice: a file changed hands; info: a summary; debug and trace: for the developers."
    )

    private static let format = ConfigurationKey<Format>.choice(
        "format", Format.allCases.map { ($0.rawValue, $0) }, .defaulted("text"),
        "Of the lines on standard error. systemd's journal gets the same as structured fields in any case.")

    static let key = ConfigurationKey<LogSettings>.section(
        "log", SectionDescription("log", "What is logged, and how.", [level.description, format.description])
    ) { reader in
        let level = reader.read(level)
        let format = reader.read(format)
        guard let level, let format else { return nil }
        return LogSettings(level: level, format: format)
    }
}
