import SpoolPrimitives

/// A quantity as an operator writes it: a whole number and a unit, `15 min`, `256 MiB`.
enum Units {
    static let durations: [(unit: String, one: Duration)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("min", .seconds(60)), ("h", .seconds(3600)), ("days", .seconds(86_400)),
    ]

    static let sizes: [(unit: String, one: ByteCount)] = [
        ("B", ByteCount(Int64(1))), ("KiB", .kibibytes(1)), ("MiB", .mebibytes(1)), ("GiB", .gibibytes(1)), ("TiB", .gibibytes(1024)),
    ]

    /// Nil where it is no duration of ours; `day` stands for `days`.
    static func duration(_ text: String) -> Duration? {
        guard let (count, unit) = split(text) else { return nil }
        guard let one = durations.first(where: { $0.unit == (unit == "day" ? "days" : unit) })?.one, count <= Int64(Int32.max) else {
            return nil
        }
        return one * Int(count)
    }

    static func size(_ text: String) -> ByteCount? {
        guard let (count, unit) = split(text), let one = sizes.first(where: { $0.unit == unit })?.one else { return nil }
        let (bytes, overflow) = one.bytes.multipliedReportingOverflow(by: count)
        return overflow ? nil : ByteCount(bytes)
    }

    /// In the largest unit that divides it.
    static func text(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        for (unit, one) in durations.reversed() where milliseconds % one.milliseconds == 0 && milliseconds != 0 {
            let count = milliseconds / one.milliseconds
            return "\(count) \(count == 1 && unit == "days" ? "day" : unit)"
        }
        return milliseconds == 0 ? "0 s" : "\(milliseconds) ms"
    }

    static func text(_ size: ByteCount) -> String {
        for (unit, one) in sizes.reversed() where size.bytes % one.bytes == 0 && size.bytes != 0 {
            return "\(size.bytes / one.bytes) \(unit)"
        }
        return "\(size.bytes) B"
    }

    /// What may be wrong with a text that is no quantity.
    static func hint(_ text: String, units: [String]) -> String {
        guard let (count, unit) = split(text), !units.contains(unit) else { return "" }
        if unit.isEmpty { return "; the unit is missing" }
        // `MB` could be either million; `m` minutes or months.
        let binary = units.first { $0.lowercased() == unit.lowercased() || $0.lowercased() == unit.lowercased().replacingB }
        let guess = binary ?? units.first { $0.hasPrefix(unit.lowercased()) || unit.lowercased().hasPrefix($0) }
        return guess.map { "; did you mean '\(count) \($0)'?" } ?? ""
    }

    private static func split(_ text: String) -> (Int64, String)? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits) else { return nil }
        return (count, String(text.dropFirst(digits.count).drop { $0 == " " }))
    }
}

extension String {
    /// `mb` as `mib`.
    fileprivate var replacingB: String { hasSuffix("b") ? dropLast() + "ib" : self + "ib" }
}
