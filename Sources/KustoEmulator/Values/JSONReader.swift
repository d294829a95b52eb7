/// What was wrong with a JSON text, and where.
package struct JSONError: Error, Sendable, CustomStringConvertible {
    /// The offset of the offending byte.
    package let offset: Int
    /// What was expected there.
    package let reason: String

    package var description: String { "\(reason) at offset \(offset)" }
}

/// Reads JSON values one after the other from a buffer: the formats that hold many values in one blob need a reader that goes on.
struct JSONReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var position: Int
    private var depth = 0

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// Reads a text that is one value and nothing else.
    static func read(_ bytes: some Collection<UInt8>) throws(JSONError) -> JSON {
        var reader = JSONReader(ArraySlice(bytes))
        let value = try reader.value()
        guard reader.atEnd() else { throw reader.error("nothing more was expected") }
        return value
    }

    /// Passes white space; true where nothing is left.
    mutating func atEnd() -> Bool {
        skipSpace()
        return position == bytes.endIndex
    }

    /// Passes `byte` if it comes next, after white space.
    mutating func pass(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.endIndex, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func value() throws(JSONError) -> JSON {
        skipSpace()
        guard position < bytes.endIndex else { throw error("a value was expected") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try nested { reader throws(JSONError) in try reader.object() }
        case UInt8(ascii: "["): return try nested { reader throws(JSONError) in try reader.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    func error(_ reason: String) -> JSONError { JSONError(offset: position - bytes.startIndex, reason: reason) }

    /// A bound on nesting, because a blob of a million brackets must not end the process.
    private mutating func nested(_ body: (inout JSONReader) throws(JSONError) -> JSON) throws(JSONError) -> JSON {
        guard depth < 512 else { throw error("less nesting was expected") }
        depth += 1
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func skipSpace() {
        while position < bytes.endIndex, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    }

    private mutating func object() throws(JSONError) -> JSON {
        var members: [JSON.Member] = []
        if pass(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            guard position < bytes.endIndex, bytes[position] == UInt8(ascii: "\"") else { throw error("a member's name was expected") }
            let name = try string()
            guard pass(UInt8(ascii: ":")) else { throw error("a colon was expected") }
            members.append(JSON.Member(name: name, value: try value()))
        } while pass(UInt8(ascii: ","))
        guard pass(UInt8(ascii: "}")) else { throw error("the end of the object was expected") }
        return .object(members)
    }

    private mutating func array() throws(JSONError) -> JSON {
        var elements: [JSON] = []
        if pass(UInt8(ascii: "]")) { return .array(elements) }
        repeat { elements.append(try value()) } while pass(UInt8(ascii: ","))
        guard pass(UInt8(ascii: "]")) else { throw error("the end of the array was expected") }
        return .array(elements)
    }

    private mutating func literal(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
        guard bytes[position...].starts(with: word.utf8) else { throw error("a value was expected") }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = position
        while position < bytes.endIndex, "+-.0123456789eE".utf8.contains(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard Double(text) != nil, !text.hasPrefix("+"), !text.hasPrefix(".") else {
            position = start
            throw error("a value was expected")
        }
        return .number(text)
    }
}

extension JSONReader {
    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        while position < bytes.endIndex, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
            guard bytes[position] >= 0x20 else { throw error("no control character was expected in a string") }
            position += 1
        }
        guard position < bytes.endIndex else { throw error("the end of the string was expected") }
        if bytes[position] == UInt8(ascii: "\"") {
            position += 1
            return String(decoding: bytes[start..<(position - 1)], as: UTF8.self)
        }
        return try escapedString(from: start)
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<position])
        while position < bytes.endIndex {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += try escape()
            case 0..<0x20: throw error("no control character was expected in a string")
            default: text.append(byte)
            }
        }
        throw error("the end of the string was expected")
    }

    private mutating func escape() throws(JSONError) -> [UInt8] {
        guard position < bytes.endIndex else { throw error("an escape was expected") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw error("an escape was expected")
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> [UInt8] {
        let first = try fourHexDigits()
        guard (0xD800..<0xDC00).contains(first) else { return Array(String(Unicode.Scalar(first).map(Character.init) ?? "\u{FFFD}").utf8) }
        guard bytes[position...].starts(with: "\\u".utf8) else { return Array("\u{FFFD}".utf8) }
        position += 2
        let second = try fourHexDigits()
        guard (0xDC00..<0xE000).contains(second) else { return Array("\u{FFFD}\u{FFFD}".utf8) }
        let scalar = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        return Array(String(Unicode.Scalar(scalar).map(Character.init) ?? "\u{FFFD}").utf8)
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        guard bytes.endIndex - position >= 4,
            let value = UInt32(String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16)
        else { throw error("four hexadecimal digits were expected") }
        position += 4
        return value
    }
}

extension JSON {
    /// Reads a text that is one JSON value and nothing else.
    package static func parse(_ text: String) throws(JSONError) -> JSON { try JSONReader.read(text.utf8) }

    /// Reads bytes that are one JSON value and nothing else.
    package static func parse(_ bytes: some Collection<UInt8>) throws(JSONError) -> JSON { try JSONReader.read(bytes) }

    /// Nil for a text that is no JSON, where nobody asks why.
    package init?(parsing text: String) { self.init(parsing: text.utf8) }

    /// Nil for bytes that are no JSON, where nobody asks why.
    package init?(parsing bytes: some Collection<UInt8>) {
        do throws(JSONError) { self = try JSONReader.read(bytes) } catch { return nil }
    }
}
