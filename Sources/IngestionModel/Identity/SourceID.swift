/// The identity of a source: sent as `Id`, returned by the service as `IngestionSourceId`.
///
/// A UUID of version 8 (RFC 9562 §5.8) made of two numbers, so that a notification is known as ours, and its row found, without an index
/// (protocol.md §3):
///
///     xxxxxxxx-xxxx-8xxx-yyyy-yyyyyyyyyyyy     x: 60 random bits of the ledger     y: variant (2 bits) and row number (62 bits)
package struct SourceID: Sendable, Hashable {
    /// The random part, the same for every source of a ledger.
    package struct Prefix: Sendable, Hashable {
        /// The low 60 bits count.
        package let bits: UInt64

        /// - Parameter bits: random; the high 4 bits are ignored.
        package init(bits: UInt64) { self.bits = bits & 0x0FFF_FFFF_FFFF_FFFF }
    }

    package let prefix: Prefix
    /// The source's row number in the ledger; positive.
    package let row: Int64

    package init(prefix: Prefix, row: Int64) {
        precondition(row > 0 && row < 1 << 62, "row numbers are positive and fit 62 bits")
        self.prefix = prefix
        self.row = row
    }

    /// Reads any usual spelling of a UUID: either case, with or without braces. Nil when it is not of this shape.
    package init?(_ text: String) {
        var digits = text.utf8[...]
        if digits.first == UInt8(ascii: "{"), digits.last == UInt8(ascii: "}") { digits = digits.dropFirst().dropLast() }
        var high: UInt64 = 0
        var low: UInt64 = 0
        var count = 0
        for (position, byte) in digits.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.value(ofHexDigit: byte), count < 32 else { return nil }
            if count < 16 { high = high << 4 | digit } else { low = low << 4 | digit }
            count += 1
        }
        guard count == 32, high >> 12 & 0xF == 8, low >> 62 == 0b10, low << 2 != 0 else { return nil }
        prefix = Prefix(bits: (high >> 16) << 12 | (high & 0xFFF))
        row = Int64(low & 0x3FFF_FFFF_FFFF_FFFF)
    }

    private static func value(ofHexDigit byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}

extension SourceID: CustomStringConvertible {
    /// Lower case, with dashes, without braces.
    package var description: String {
        let high = (prefix.bits >> 12) << 16 | 8 << 12 | (prefix.bits & 0xFFF)
        let low = UInt64(0b10) << 62 | UInt64(row)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for position in 0..<32 {
            if position == 8 || position == 12 || position == 16 || position == 20 { text.append(UInt8(ascii: "-")) }
            let word = position < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (position % 16)) & 0xF)
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
