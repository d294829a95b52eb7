import COpenSSL

/// Standard base64 with padding (RFC 4648 §4).
package enum Base64 {
    /// Encodes; a message is encoded for every file, hence no intermediate array.
    package static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        guard let start = bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count > 0 else { return "" }
        precondition(bytes.count <= Int(Int32.max) / 2)
        let length = (bytes.count + 2) / 3 * 4
        // One more than the text: EVP_EncodeBlock ends it with a zero.
        return String(unsafeUninitializedCapacity: length + 1) { text in
            Int(EVP_EncodeBlock(text.baseAddress, start, Int32(bytes.count)))
        }
    }

    /// Encodes an array.
    package static func encode(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { encode($0) } }

    /// Decodes. Nil for anything that is not in the alphabet, or is not a whole number of groups of four. Line breaks and blanks around and
    /// between the groups are skipped, since some writers fold their lines.
    ///
    /// Not EVP_DecodeBlock, which counts the padding as data and accepts it anywhere.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.utf8.count / 4 * 3)
        var group: UInt32 = 0
        var count = 0
        var padding = 0
        for character in text.utf8 {
            if character == UInt8(ascii: "=") {
                padding += 1
                group <<= 6
                count += 1
            } else {
                let value = values[Int(character)]
                if value == blank { continue }
                guard value != invalid, padding == 0 else { return nil }
                group = group << 6 | UInt32(value)
                count += 1
            }
            if count == 4 {
                guard padding <= 2 else { return nil }
                decoded.append(UInt8(truncatingIfNeeded: group >> 16))
                if padding < 2 { decoded.append(UInt8(truncatingIfNeeded: group >> 8)) }
                if padding < 1 { decoded.append(UInt8(truncatingIfNeeded: group)) }
                group = 0
                count = 0
                // Padding ends the text; another group after it would meet the guard above, and more padding this one.
                if padding > 0 { padding = 3 }
            }
        }
        return count == 0 ? decoded : nil
    }

    private static let invalid: UInt8 = 0xFF
    private static let blank: UInt8 = 0xFE

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, character) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated() {
            values[Int(character)] = UInt8(value)
        }
        for character in " \t\r\n".utf8 { values[Int(character)] = blank }
        return values
    }()
}
