/// The two spellings that the protocol knows: ISO 8601 (Kusto, SAS, the journal) and RFC 1123 (HTTP's Date).
extension Timestamp: CustomStringConvertible {
    /// `2026-01-02T03:04:05.123456Z`; always with microseconds and `Z`.
    package var description: String {
        let date = CivilDate(daysSinceEpoch: microseconds.floorDivided(by: Self.microsecondsPerDay))
        var rest = microseconds - microseconds.floorDivided(by: Self.microsecondsPerDay) * Self.microsecondsPerDay
        let micros = rest % 1_000_000
        rest /= 1_000_000
        var text: [UInt8] = []
        text.reserveCapacity(27)
        text.append(digits: date.year, width: 4)
        text.append(UInt8(ascii: "-"))
        text.append(digits: date.month, width: 2)
        text.append(UInt8(ascii: "-"))
        text.append(digits: date.day, width: 2)
        text.append(UInt8(ascii: "T"))
        text.append(digits: rest / 3600, width: 2)
        text.append(UInt8(ascii: ":"))
        text.append(digits: rest / 60 % 60, width: 2)
        text.append(UInt8(ascii: ":"))
        text.append(digits: rest % 60, width: 2)
        text.append(UInt8(ascii: "."))
        text.append(digits: micros, width: 6)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// `2026-01-02`: the name of a day's directory under done/.
    package var utcDate: String { String(description.prefix(10)) }

    /// Reads ISO 8601 as SAS and Kusto write it: a date, or a date and a time to the minute, second or any fraction of it; `Z`, an offset,
    /// or nothing (then UTC, as the service's own SDKs mean it).
    package init?(iso8601 text: String) {
        var scanner = Scanner(text)
        guard let date = scanner.date() else { return nil }
        var micros: Int64 = date * Self.microsecondsPerDay
        if !scanner.isAtEnd {
            guard scanner.skip("T") || scanner.skip(" "), let hour = scanner.number(digits: 2), hour < 24, scanner.skip(":"),
                let minute = scanner.number(digits: 2), minute < 60
            else { return nil }
            micros += (hour * 3600 + minute * 60) * 1_000_000
            if scanner.skip(":") {
                guard let second = scanner.number(digits: 2), second <= 60 else { return nil }
                micros += second * 1_000_000
                if scanner.skip(".") {
                    guard let fraction = scanner.fractionInMicroseconds() else { return nil }
                    micros += fraction
                }
            }
            if !scanner.isAtEnd, !scanner.skip("Z") {
                guard let sign: Int64 = scanner.skip("+") ? 1 : scanner.skip("-") ? -1 : nil, let hours = scanner.number(digits: 2),
                    scanner.skip(":"), let minutes = scanner.number(digits: 2)
                else { return nil }
                micros -= sign * (hours * 3600 + minutes * 60) * 1_000_000
            }
        }
        // An offset or a leap second may lead out of the years that can be written.
        guard scanner.isAtEnd, Self.writable.contains(micros) else { return nil }
        microseconds = micros
    }

    /// The years 0000 to 9999, in microseconds since 1970.
    private static let writable: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999

    /// Reads HTTP's preferred date, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    package init?(httpDate text: String) {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT" || parts[5] == "UTC", let day = Int64(parts[1]), (1...31).contains(day),
            let month = months.firstIndex(of: String(parts[2])), let year = Int64(parts[3]), (1970...9999).contains(year)
        else { return nil }
        var scanner = Scanner(String(parts[4]))
        guard let hour = scanner.number(digits: 2), hour < 24, scanner.skip(":"), let minute = scanner.number(digits: 2), minute < 60,
            scanner.skip(":"), let second = scanner.number(digits: 2), second <= 60, scanner.isAtEnd
        else { return nil }
        let days = CivilDate(year: year, month: Int64(month) + 1, day: day).daysSinceEpoch
        let micros = days * Self.microsecondsPerDay + (hour * 3600 + minute * 60 + second) * 1_000_000
        guard Self.writable.contains(micros) else { return nil }
        microseconds = micros
    }

    private static let microsecondsPerDay: Int64 = 86_400_000_000
}

/// A day of the proleptic Gregorian calendar.
///
/// The arithmetic counts years from March, so that the leap day is a year's last.
private struct CivilDate {
    var year: Int64
    var month: Int64
    var day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSinceEpoch days: Int64) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSinceEpoch: Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.floorDivided(by: 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

/// Reads fixed-width numbers off the front of a text.
private struct Scanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(digits: Int) -> Int64? {
        guard rest.count >= digits else { return nil }
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = rest.popFirst(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    mutating func date() -> Int64? {
        guard let year = number(digits: 4), skip("-"), let month = number(digits: 2), (1...12).contains(month), skip("-"),
            let day = number(digits: 2), (1...31).contains(day)
        else { return nil }
        return CivilDate(year: year, month: month, day: day).daysSinceEpoch
    }

    /// Digits after the point; those behind the sixth are cut (Kusto writes seven).
    mutating func fractionInMicroseconds() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let digit = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
            rest.removeFirst()
            if count < 6 { value = value * 10 + Int64(digit - UInt8(ascii: "0")) }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 6)..<6 { value *= 10 }
        return value
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

extension [UInt8] {
    fileprivate mutating func append(digits value: Int64, width: Int) {
        let text = String(value).utf8
        for _ in text.count..<Swift.max(width, text.count) { append(UInt8(ascii: "0")) }
        append(contentsOf: text)
    }
}
