/// Checks that bytes are one JSON object (RFC 8259), and shows its own members.
///
/// Ours, since nothing here needs more of a line than four fields, and Foundation's reader would be 58 MB for it. Nesting is bounded, so that
/// a hostile line cannot exhaust the stack.
struct JSONScanner {
    enum Value: Equatable {
        case text(String)
        case integer(Int64)
        case other
    }

    private var rest: ArraySlice<UInt8>
    private static let maximumDepth = 64

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// - Parameter member: called for each member of the object itself, in order, while it is not known yet whether the rest is well-formed.
    /// - Returns: whether the bytes are an object and nothing else.
    mutating func topLevelObject(_ member: (String, Value) -> Void) -> Bool {
        skipSpace()
        guard rest.first == UInt8(ascii: "{"), object(depth: 1, member) else { return false }
        skipSpace()
        return rest.isEmpty
    }

    private mutating func object(depth: Int, _ member: (String, Value) -> Void) -> Bool {
        guard depth <= Self.maximumDepth, skip("{") else { return false }
        if skip("}") { return true }
        repeat {
            skipSpace()
            guard let name = string(), skip(":"), let value = value(depth: depth) else { return false }
            member(name, value)
        } while skip(",")
        return skip("}")
    }

    private mutating func array(depth: Int) -> Bool {
        guard depth <= Self.maximumDepth, skip("[") else { return false }
        if skip("]") { return true }
        repeat {
            guard value(depth: depth) != nil else { return false }
        } while skip(",")
        return skip("]")
    }

    private mutating func value(depth: Int) -> Value? {
        skipSpace()
        switch rest.first {
        case UInt8(ascii: "\""): return string().map { .text($0) }
        case UInt8(ascii: "{"): return object(depth: depth + 1) { _, _ in } ? .other : nil
        case UInt8(ascii: "["): return array(depth: depth + 1) ? .other : nil
        case UInt8(ascii: "t"): return skip(word: "true") ? .other : nil
        case UInt8(ascii: "f"): return skip(word: "false") ? .other : nil
        case UInt8(ascii: "n"): return skip(word: "null") ? .other : nil
        default: return number()
        }
    }

    private mutating func number() -> Value? {
        let whole = rest
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let leading = rest.first
        let digits = skipDigits()
        guard digits > 0, leading != UInt8(ascii: "0") || digits == 1 else { return nil }
        var isInteger = true
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            isInteger = false
            guard skipDigits() > 0 else { return nil }
        }
        if let exponent = rest.first, exponent | 0x20 == UInt8(ascii: "e") {
            rest.removeFirst()
            isInteger = false
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
            guard skipDigits() > 0 else { return nil }
        }
        guard isInteger, let integer = Int64(String(decoding: whole.prefix(upTo: rest.startIndex), as: UTF8.self)) else { return .other }
        return .integer(integer)
    }

    /// Reads a string with its quotes; unpaired surrogates become U+FFFD.
    private mutating func string() -> String? {
        guard rest.first == UInt8(ascii: "\"") else { return nil }
        rest.removeFirst()
        var bytes: [UInt8] = []
        var units: [UInt16] = []
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "\\") || rest.first != UInt8(ascii: "u") { Self.flush(&units, into: &bytes) }
            switch byte {
            case UInt8(ascii: "\""): return String(validating: bytes, as: UTF8.self)
            case 0..<0x20: return nil
            case UInt8(ascii: "\\"):
                guard let escape = rest.popFirst() else { return nil }
                switch escape {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(escape)
                case UInt8(ascii: "b"): bytes.append(8)
                case UInt8(ascii: "f"): bytes.append(12)
                case UInt8(ascii: "n"): bytes.append(10)
                case UInt8(ascii: "r"): bytes.append(13)
                case UInt8(ascii: "t"): bytes.append(9)
                case UInt8(ascii: "u"):
                    guard let unit = hexUnit() else { return nil }
                    units.append(unit)
                default: return nil
                }
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private static func flush(_ units: inout [UInt16], into bytes: inout [UInt8]) {
        if units.isEmpty { return }
        bytes.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
        units = []
    }

    private mutating func hexUnit() -> UInt16? {
        guard rest.count >= 4, let unit = UInt16(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16),
            rest.first != UInt8(ascii: "+")
        else { return nil }
        rest = rest.dropFirst(4)
        return unit
    }

    private mutating func skipDigits() -> Int {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        rest = rest.dropFirst(digits)
        return digits
    }

    private mutating func skip(word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard word.withUTF8Buffer({ rest.prefix(length).elementsEqual($0) }) else { return false }
        rest = rest.dropFirst(length)
        return true
    }

    /// Skips space and then this character, if it is there.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipSpace() {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    }
}
