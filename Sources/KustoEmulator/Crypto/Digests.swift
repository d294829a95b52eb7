import COpenSSL

/// Hashes and base64, from OpenSSL.
package enum Digests {
    /// MD5 of the bytes, 16 bytes.
    package static func md5(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 16)
        EVP_Digest(bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1), bytes.count, &digest, nil, EVP_md5(), nil)
        return digest
    }

    /// HMAC-SHA256 of the bytes under the key, 32 bytes.
    package static func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &digest, &length)
        return digest
    }

    /// Standard base64 with padding.
    package static func base64(_ bytes: [UInt8]) -> String {
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let length = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text[..<Int(length)], as: UTF8.self)
    }

    /// The bytes of standard base64 with padding, or nil where the text is not that.
    package static func bytes(base64 text: some StringProtocol) -> [UInt8]? {
        let encoded = Array(text.utf8)
        guard encoded.count % 4 == 0 else { return nil }
        guard !encoded.isEmpty else { return [] }
        guard encoded.allSatisfy({ isBase64($0) }) else { return nil }
        let padding = encoded.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
        guard !encoded.dropLast(padding).contains(UInt8(ascii: "=")) else { return nil }
        var bytes = [UInt8](repeating: 0, count: encoded.count / 4 * 3)
        let length = EVP_DecodeBlock(&bytes, encoded, Int32(encoded.count))
        guard length >= 0 else { return nil }
        return Array(bytes[..<(Int(length) - padding)])
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
        default: false
        }
    }
}

extension Digests {
    static func md5(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { md5($0) } }
}
