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
