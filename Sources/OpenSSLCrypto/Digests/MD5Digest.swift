import COpenSSL
import SpoolPrimitives

/// The MD5 of some bytes: Azure Storage's check that a body arrived as it was sent. Not a protection against anybody.
package struct MD5Digest: Sendable, Hashable {
    private let storage: SIMD16<UInt8>

    /// The digest of bytes in memory.
    package init(of bytes: UnsafeRawBufferPointer) {
        var storage = SIMD16<UInt8>()
        withUnsafeMutableBytes(of: &storage) { DigestAlgorithm.md5.digest(bytes, into: $0) }
        self.storage = storage
    }

    /// The digest of an array.
    package init(of bytes: [UInt8]) { self = bytes.withUnsafeBytes { MD5Digest(of: $0) } }

    /// Reads the form of a Content-MD5 header: nil unless it is base64 of 16 bytes.
    package init?(base64: String) {
        guard let bytes = Base64.decode(base64.utf8), bytes.count == 16 else { return nil }
        storage = SIMD16(bytes)
    }

    init(storage: SIMD16<UInt8>) { self.storage = storage }

    /// The 16 bytes.
    package var bytes: [UInt8] { (0..<16).map { storage[$0] } }

    /// As a Content-MD5 header carries it: 24 characters.
    package var base64: String { withUnsafeBytes(of: storage) { Base64.encode($0) } }
}

extension MD5Digest: CustomStringConvertible {
    package var description: String { base64 }
}
