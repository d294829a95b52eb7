import SpoolPrimitives

/// The date that HTTP writes, `Sun, 06 Nov 1994 08:49:37 GMT`, by another hand than the daemon's.
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func text(_ instant: Timestamp) -> String {
        let seconds = instant.microseconds / 1_000_000
        var day = Int(seconds / 86_400)
        let weekday = days[day % 7]
        var year = 1970
        while day >= length(year) {
            day -= length(year)
            year += 1
        }
        var month = 0
        let lengths = [31, length(year) == 366 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        while day >= lengths[month] {
            day -= lengths[month]
            month += 1
        }
        let time = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map { two(Int($0)) }.joined(separator: ":")
        return "\(weekday), \(two(day + 1)) \(months[month]) \(year) \(time) GMT"
    }

    private static func length(_ year: Int) -> Int { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365 }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
