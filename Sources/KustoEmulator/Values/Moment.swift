import Glibc

/// A point in time on the emulator's clock, in microseconds since 1970.
///
/// Written by hand rather than with Foundation's formatters: every reply carries a date, and a formatter costs more than the rest of the reply.
package struct Moment: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var microseconds: Int64

    /// A moment from microseconds since 1970.
    package init(microseconds: Int64) { self.microseconds = microseconds }

    package static func < (left: Moment, right: Moment) -> Bool { left.microseconds < right.microseconds }

    static var system: Moment {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Moment(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    static func + (left: Moment, right: Duration) -> Moment {
        let (seconds, attoseconds) = right.components
        return Moment(microseconds: left.microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }

    static func - (left: Moment, right: Duration) -> Moment { left + (.zero - right) }

    private var parts: tm {
        var seconds = time_t(microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return parts
    }

    private var fraction: Int64 { ((microseconds % 1_000_000) + 1_000_000) % 1_000_000 }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, as HTTP and the queue service's XML write it.
    var rfc1123: String {
        let parts = parts
        let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(parts.tm_wday)]
        let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][Int(parts.tm_mon)]
        let clock = "\(parts.tm_hour.padded(2)):\(parts.tm_min.padded(2)):\(parts.tm_sec.padded(2))"
        return "\(day), \(parts.tm_mday.padded(2)) \(month) \((parts.tm_year + 1900).padded(4)) \(clock) GMT"
    }

    /// `2026-01-02T03:04:05Z`, the form of a SAS's `st` and `se`.
    var secondsText: String {
        let parts = parts
        let day = "\((parts.tm_year + 1900).padded(4))-\((parts.tm_mon + 1).padded(2))-\(parts.tm_mday.padded(2))"
        return "\(day)T\(parts.tm_hour.padded(2)):\(parts.tm_min.padded(2)):\(parts.tm_sec.padded(2))Z"
    }

    /// `2026-01-02T03:04:05.1234560Z`, the form of .NET's dates in the service's JSON.
    var roundTripText: String { "\(secondsText.dropLast()).\(fraction.padded(6))0Z" }
}

extension Moment {
    /// Reads the precisions that a SAS may use: a date, minutes, seconds, fractions; UTC only. Nil for anything else.
    init?(sasTime text: String) {
        let date = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        let day = date[0].split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
        guard day.count == 3, date[0].utf8.count == 10, let year = day[0], let month = day[1], let dayOfMonth = day[2] else { return nil }
        guard (1...12).contains(month), (1...31).contains(dayOfMonth) else { return nil }
        var parts = tm()
        parts.tm_year = year - 1900
        parts.tm_mon = month - 1
        parts.tm_mday = dayOfMonth
        var micro: Int64 = 0
        if date.count == 2 {
            guard date[1].hasSuffix("Z") else { return nil }
            let clock = date[1].dropLast().split(separator: ":", omittingEmptySubsequences: false)
            guard clock.count == 2 || clock.count == 3, let hour = Int32(clock[0]), let minute = Int32(clock[1]) else { return nil }
            guard (0...23).contains(hour), (0...59).contains(minute) else { return nil }
            (parts.tm_hour, parts.tm_min) = (hour, minute)
            if clock.count == 3 {
                guard let seconds = Double(clock[2]), (0..<60).contains(seconds) else { return nil }
                parts.tm_sec = Int32(seconds)
                micro = Int64(((seconds - seconds.rounded(.down)) * 1_000_000).rounded())
            }
        }
        self.init(microseconds: Int64(timegm(&parts)) * 1_000_000 + micro)
    }
}

extension FixedWidthInteger {
    /// The decimal digits, with zeros in front up to `width`.
    func padded(_ width: Int) -> String {
        let digits = String(self)
        return digits.utf8.count >= width ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits
    }
}
