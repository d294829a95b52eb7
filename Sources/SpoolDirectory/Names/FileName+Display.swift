/// Names as text, for the ledger, the journal and people.
extension FileName: CustomStringConvertible {
    /// The name as printable UTF-8, from which `init(displayText:)` makes the same bytes again.
    ///
    /// A backslash is written `\\`; bytes that are no UTF-8 and control characters (they could steer a terminal) are written `\xNN`.
    /// Compare names, never these texts: Swift holds `é` in its two spellings for equal, the file system does not.
    package var displayText: String {
        if bytes.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") }) {
            return String(decoding: bytes, as: UTF8.self)
        }
        var text: [UInt8] = []
        text.reserveCapacity(length + 16)
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var position = bytes.startIndex
        parsing: while true {
            switch parser.parseScalar(from: &rest) {
            case .emptyInput: break parsing
            case .valid(let encoded):
                Self.append(Array(encoded), to: &text)
                position += encoded.count
            case .error(let count):
                for byte in bytes[position..<position + count] { Self.append(escaped: byte, to: &text) }
                position += count
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    package var description: String { displayText }

    /// Reads `displayText` back. Returns nil for what it never writes.
    package init?(displayText: String) {
        guard let bytes = Self.unescaped(displayText) else { return nil }
        self.init(bytes: bytes)
    }

    private static func append(_ scalar: [UInt8], to text: inout [UInt8]) {
        // C1 controls (U+0080 to U+009F) steer terminals as the ASCII ones do.
        let isControl =
            scalar.count == 1 ? scalar[0] < 0x20 || scalar[0] == 0x7F : scalar.count == 2 && scalar[0] == 0xC2 && scalar[1] < 0xA0
        if isControl {
            for byte in scalar { append(escaped: byte, to: &text) }
        } else if scalar == [UInt8(ascii: "\\")] {
            text.append(contentsOf: "\\\\".utf8)
        } else {
            text.append(contentsOf: scalar)
        }
    }

    private static func append(escaped byte: UInt8, to text: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        text.append(contentsOf: "\\x".utf8)
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }

    private static func unescaped(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "\\"): bytes.append(byte)
            case UInt8(ascii: "x"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
                bytes.append(high << 4 | low)
            default: return nil
            }
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
