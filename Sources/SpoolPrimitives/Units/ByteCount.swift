/// A number of bytes.
package struct ByteCount: Sendable, Hashable, Comparable, AdditiveArithmetic {
    package var bytes: Int64

    package init(_ bytes: Int64) { self.bytes = bytes }
    package init(_ bytes: Int) { self.bytes = Int64(bytes) }

    package static let zero = ByteCount(Int64(0))
    package static func kibibytes(_ count: Int64) -> ByteCount { ByteCount(count << 10) }
    package static func mebibytes(_ count: Int64) -> ByteCount { ByteCount(count << 20) }
    package static func gibibytes(_ count: Int64) -> ByteCount { ByteCount(count << 30) }

    package static func < (a: ByteCount, b: ByteCount) -> Bool { a.bytes < b.bytes }
    package static func + (a: ByteCount, b: ByteCount) -> ByteCount { ByteCount(a.bytes + b.bytes) }
    package static func - (a: ByteCount, b: ByteCount) -> ByteCount { ByteCount(a.bytes - b.bytes) }
}

extension ByteCount: CustomStringConvertible {
    /// Three significant digits in binary units: `0 B`, `4.00 KiB`, `1.50 GiB`.
    package var description: String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        if unit == 0 { return "\(bytes) B" }
        let decimals = value < 10 ? 100.0 : value < 100 ? 10.0 : 1.0
        let rounded = (value * decimals).rounded() / decimals
        return decimals == 1 ? "\(Int(rounded)) \(units[unit])" : "\(rounded) \(units[unit])"
    }
}
