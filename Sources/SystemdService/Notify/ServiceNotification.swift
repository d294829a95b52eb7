import SpoolPrimitives

/// What the daemon tells the service manager (sd_notify(3)).
package enum ServiceNotification: Sendable, Hashable {
    /// The start, or a reload, is complete.
    case ready(status: String?)
    /// One line for `systemctl status`.
    case status(String)
    /// A reload has begun.
    ///
    /// - Parameter monotonic: CLOCK_MONOTONIC, which `Type=notify-reload` wants in the same datagram (systemd 253; older ones ignore it).
    case reloading(monotonic: Duration)
    /// The daemon is ending.
    case stopping(status: String?)
    /// The watchdog's time begins anew.
    case watchdog
    /// The start takes longer than the unit's limit, for so long more.
    case extendTimeout(Duration)

    /// The datagram: assignments, one a line.
    package var state: String {
        switch self {
        case .ready(let status): Self.lines("READY=1", status)
        case .status(let status): "STATUS=\(Self.oneLine(status))"
        case .reloading(let monotonic): "RELOADING=1\nMONOTONIC_USEC=\(monotonic.microseconds)"
        case .stopping(let status): Self.lines("STOPPING=1", status)
        case .watchdog: "WATCHDOG=1"
        case .extendTimeout(let duration): "EXTEND_TIMEOUT_USEC=\(duration.microseconds)"
        }
    }

    private static func lines(_ first: String, _ status: String?) -> String { status.map { "\(first)\nSTATUS=\(oneLine($0))" } ?? first }

    /// A newline would begin another assignment, which what is shown (a file's name, a server's words) must not; NUL would end the text.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }
}
