/// Looks through JSON text (RFC 8259) without making anything of it: whether each line is blank or one whole object.
///
/// The service drops a line of `json` that is none without a word (reference: kusto-queued-ingestion §6): a file of nothing else fails alone, and would
/// succeed in the company of others. So this is stricter than readers are: where they disagree, over numbers that no double holds, halves of surrogates, NUL, or
/// deep nesting, the line is none. Two members of one name are looked over: readers take one of them.
struct JSONObjectLines {
    /// Deeper ones are left to the service. The walk is recursive, and some readers refuse more than 64.
    private static let deepest = 32
    /// Bytes, without the exponent. With an exponent of two digits all of them are finite doubles.
    private static let longestNumber = 64

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    static func areAll(of bytes: UnsafeRawBufferPointer) -> Bool {
        var walk = JSONObjectLines(bytes)
        while walk.position < bytes.count { if !walk.line() { return false } }
        return true
    }

    private mutating func line() -> Bool {
        skipSpace()
        if peek == UInt8(ascii: "{"), !object(depth: 1) { return false }
        skipSpace()
        // Elsewhere a carriage return is the end of a line to some readers.
        _ = skip(UInt8(ascii: "\r"))
        return skip(UInt8(ascii: "\n"))
    }

    // MARK: - Values

    private mutating func value(depth: Int) -> Bool {
        skipSpace()
        return switch peek {
        case UInt8(ascii: "{"): object(depth: depth + 1)
        case UInt8(ascii: "["): array(depth: depth + 1)
        case UInt8(ascii: "\""): string()
        case UInt8(ascii: "t"): word("true")
        case UInt8(ascii: "f"): word("false")
        case UInt8(ascii: "n"): word("null")
        default: number()
        }
    }

    private mutating func object(depth: Int) -> Bool {
        members(depth: depth, until: UInt8(ascii: "}")) { walk in
            walk.skipSpace()
            guard walk.string() else { return false }
            walk.skipSpace()
            return walk.skip(UInt8(ascii: ":")) && walk.value(depth: depth)
        }
    }

    private mutating func array(depth: Int) -> Bool {
        members(depth: depth, until: UInt8(ascii: "]")) { $0.value(depth: depth) }
    }

    /// What stands between two brackets, set apart by commas.
    private mutating func members(depth: Int, until end: UInt8, _ member: (inout JSONObjectLines) -> Bool) -> Bool {
        if depth > Self.deepest { return false }
        position += 1
        skipSpace()
        if skip(end) { return true }
        repeat {
            guard member(&self) else { return false }
            skipSpace()
        } while skip(UInt8(ascii: ","))
        return skip(end)
    }

    private mutating func string() -> Bool {
        guard skip(UInt8(ascii: "\"")) else { return false }
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"): if !escape() { return false }
            case 0..<0x20: return false
            default: break
            }
        }
        return false
    }

    private mutating func escape() -> Bool {
        guard let byte = peek else { return false }
        position += 1
        guard byte == UInt8(ascii: "u") else { return "\"\\/bfnrt".utf8.contains(byte) }
        guard let unit = fourHexDigits() else { return false }
        switch unit {
        case 0xD800..<0xDC00:
            guard skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")), let low = fourHexDigits() else { return false }
            return (0xDC00..<0xE000).contains(low)
        case 0xDC00..<0xE000: return false
        default: return unit != 0
        }
    }

    private mutating func fourHexDigits() -> UInt16? {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    private mutating func word(_ spelling: StaticString) -> Bool {
        for offset in 0..<spelling.utf8CodeUnitCount { if !skip(spelling.utf8Start[offset]) { return false } }
        return true
    }

    private mutating func number() -> Bool {
        let start = position
        _ = skip(UInt8(ascii: "-"))
        guard skip(UInt8(ascii: "0")) || digits() else { return false }
        if skip(UInt8(ascii: ".")), !digits() { return false }
        if position - start > Self.longestNumber { return false }
        guard skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) else { return true }
        _ = skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-"))
        let exponent = position
        return digits() && position - exponent <= 2
    }

    private mutating func digits() -> Bool {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position > start
    }

    // MARK: - Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    /// Within a line.
    private mutating func skipSpace() {
        while let byte = peek, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position += 1 }
    }
}
