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
        text.withContiguousStorageIfAvailable(decodeUnbroken).flatMap(\.self) ?? decodeWhatever(text)
    }

    /// The ordinary case: every four characters are three bytes, and only the last have padding; nil where anything else is met.
    private static func decodeUnbroken(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0, let last = text.last else { return nil }
        let padded = last != padding ? 0 : text[text.count - 2] == padding ? 2 : 1
        let whole = padded == 0 ? text.count : text.count - 4
        return values.withUnsafeBufferPointer { values in
            var isSound = true
            var decoded = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3) { bytes, count in
                var index = 0
                while index < whole {
                    let (first, second) = (values[Int(text[index])], values[Int(text[index + 1])])
                    let (third, fourth) = (values[Int(text[index + 2])], values[Int(text[index + 3])])
                    if first | second | third | fourth >= 64 {
                        isSound = false
                        break
                    }
                    bytes[count] = first << 2 | second >> 4
                    bytes[count + 1] = second << 4 | third >> 2
                    bytes[count + 2] = third << 6 | fourth
                    count += 3
                    index += 4
                }
            }
            guard isSound else { return nil }
            if padded > 0 {
                guard let rest = decodeWhatever(text[whole...]) else { return nil }
                decoded += rest
            }
            return decoded
        }
    }

    private static func decodeWhatever(_ text: some Sequence<UInt8>) -> [UInt8]? {
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
