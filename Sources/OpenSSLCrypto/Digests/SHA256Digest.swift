import COpenSSL
import SpoolPrimitives

/// The SHA-256 of some bytes.
package struct SHA256Digest: Sendable, Hashable {
    private let storage: SIMD32<UInt8>

    /// The digest of bytes in memory.
    package init(of bytes: UnsafeRawBufferPointer) {
        var storage = SIMD32<UInt8>()
        withUnsafeMutableBytes(of: &storage) { DigestAlgorithm.sha256.digest(bytes, into: $0) }
        self.storage = storage
    }

    /// The digest of an array.
    package init(of bytes: [UInt8]) { self = bytes.withUnsafeBytes { SHA256Digest(of: $0) } }

    /// The keyed digest of RFC 2104, for signatures.
    package init(hmacOf bytes: [UInt8], key: [UInt8]) {
        var storage = SIMD32<UInt8>()
        let isDone = withUnsafeMutableBytes(of: &storage) { output in
            bytes.withUnsafeBytes { input in
                key.withUnsafeBytes { key in
                    HMAC(
                        EVP_sha256(), key.baseAddress, Int32(key.count), input.bindMemory(to: UInt8.self).baseAddress, input.count,
                        output.bindMemory(to: UInt8.self).baseAddress, nil) != nil
                }
            }
        }
        precondition(isDone, "OpenSSL could not compute an HMAC-SHA256")
        self.storage = storage
    }

    init(storage: SIMD32<UInt8>) { self.storage = storage }

    /// The 32 bytes.
    package var bytes: [UInt8] { (0..<32).map { storage[$0] } }

    /// With padding: 44 characters.
    package var base64: String { withUnsafeBytes(of: storage) { Base64.encode($0) } }
}
