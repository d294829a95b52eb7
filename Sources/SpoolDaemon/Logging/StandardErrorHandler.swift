import Glibc
package import Logging
import SpoolPrimitives

/// Writes log lines to standard error: `2026-01-02T03:04:05.123456Z notice a sentence key=value`, or one JSON object a line.
///
/// Under systemd each line begins with its priority, `<5>`, and has no time of its own, since the journal keeps both (sd-daemon(3)).
package struct StandardErrorHandler: LogHandler {
    package enum Format: Sendable {
        case text
        case json
    }

    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let format: Format
    private let isJournal: Bool

    package init(level: Logger.Level, format: Format) {
        logLevel = level
        self.format = format
        isJournal = getenv("JOURNAL_STREAM") != nil
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
        var line: [UInt8]
        switch format {
        case .text: line = text(event, all)
        case .json: line = json(event, all)
        }
        line.append(UInt8(ascii: "\n"))
        // One call a line, so that lines of several threads do not mix. A closed standard error must not end the daemon.
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private func text(_ event: LogEvent, _ metadata: [(key: String, value: Logger.Metadata.Value)]) -> [UInt8] {
        var line = isJournal ? "<\(event.level.priority)>" : "\(SystemTime().wallNow) \(event.level) "
        line += "\(event.message)"
        for (key, value) in metadata {
            let text = "\(value)"
            line += text.contains(where: { $0 == " " || $0 == "\"" }) ? " \(key)=\"\(text.replacing("\"", with: "'"))\"" : " \(key)=\(text)"
        }
        // A name with a newline in it must not look like a line of its own.
        return Array(line.utf8).map { $0 < 0x20 ? UInt8(ascii: " ") : $0 }
    }

    private func json(_ event: LogEvent, _ metadata: [(key: String, value: Logger.Metadata.Value)]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.field("at", SystemTime().wallNow.description)
            object.field("level", event.level.rawValue)
            object.field("message", event.message.description)
            for (key, value) in metadata { object.field(key, "\(value)") }
        }
        return writer.bytes
    }
}

extension Logger.Level {
    /// syslog(3)'s number.
    var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
