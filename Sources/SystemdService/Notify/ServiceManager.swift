import CSystemd
package import SpoolPrimitives

/// The service manager that started the daemon, if one did (sd_notify(3), sd_watchdog_enabled(3)).
///
/// Stateless: the library reads `NOTIFY_SOCKET` at each call, which nothing in this project changes after the start. A datagram is sent
/// without waiting for anybody to read it, unless the manager's socket is full.
package enum ServiceManager {
    package enum Delivery: Sendable, Hashable {
        case sent
        /// `NOTIFY_SOCKET` is not set: not started by a service manager, or with `Type=simple`.
        case nobodyListens
        /// Nothing to end the daemon for: the manager's own time limits deal with it.
        case failed(SystemErrno)
    }

    /// Tells the manager. The first notification that the daemon sends is `.ready`, or `.status` before it.
    @discardableResult
    package static func notify(_ notification: ServiceNotification) -> Delivery {
        let result = sd_notify(0, notification.state)
        if result > 0 { return .sent }
        return result == 0 ? .nobodyListens : .failed(SystemErrno(-result))
    }

    /// How long the manager waits for a `.watchdog` before it ends the daemon (`WatchdogSec=`); nil where no watchdog is set for this process.
    package static var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        return sd_watchdog_enabled(0, &microseconds) > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
    }
}
