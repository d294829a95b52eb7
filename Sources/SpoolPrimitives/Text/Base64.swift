/// The standard alphabet with padding (RFC 4648 §4): digests in headers, block ids, and what Kusto's queues hold (reference:
/// kusto-queued-ingestion §5.1, §7.1).
package enum Base64 {
    /// Encodes; a message is encoded for every file, hence no intermediate array.
    package static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        let capacity = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: capacity) { text in
            alphabet.withUnsafeBufferPointer { alphabet in
                var written = 0
                var index = 0
                while index < bytes.count {
                    let left = bytes.count - index
                    let first = bytes[index]
                    let second = left > 1 ? bytes[index + 1] : 0
                    let third = left > 2 ? bytes[index + 2] : 0
                    text[written] = alphabet[Int(first >> 2)]
                    text[written + 1] = alphabet[Int((first & 3) << 4 | second >> 4)]
                    text[written + 2] = left > 1 ? alphabet[Int((second & 15) << 2 | third >> 6)] : padding
                    text[written + 3] = left > 2 ? alphabet[Int(third & 63)] : padding
                    written += 4
                    index += 3
                }
                return written
            }
        }
    }

    /// Encodes an array.
    package static func encode(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { encode($0) } }

    /// Nil where a character is of neither alphabet (the URL-safe one is understood as well). White space is skipped and padding may be missing,
    /// since messages that other hands put back into a queue come wrapped and cut.
    package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var isPadded = false
        for byte in text {
            if byte == 0x20 || (0x09...0x0D).contains(byte) { continue }
            if byte == padding {
                isPadded = true
                continue
            }
            let value = values[Int(byte)]
            guard value < 64, !isPadded else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 1
            if count % 4 == 0 {
                decoded.append(UInt8(truncatingIfNeeded: bits >> 16))
                decoded.append(UInt8(truncatingIfNeeded: bits >> 8))
                decoded.append(UInt8(truncatingIfNeeded: bits))
            }
        }
        switch count % 4 {
        case 0: break
        case 2: decoded.append(UInt8(truncatingIfNeeded: bits >> 4))
        case 3:
            decoded.append(UInt8(truncatingIfNeeded: bits >> 10))
            decoded.append(UInt8(truncatingIfNeeded: bits >> 2))
        default: return nil
        }
        return decoded
    }

    private static let padding = UInt8(ascii: "=")
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The six bits of each character; 64 for what is none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        values[Int(UInt8(ascii: "-"))] = 62
        values[Int(UInt8(ascii: "_"))] = 63
        return values
    }()
}
