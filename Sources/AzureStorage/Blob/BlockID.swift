import OpenSSLCrypto
import SpoolPrimitives

/// The name of a block within its blob: all names of a blob have one length.
package struct BlockID: Sendable, Hashable {
    /// Base64 of six digits: eight characters, letters and digits alone, so that nothing needs encoding in a query.
    package let base64: String

    /// - Parameter index: 0 to 49,999, which is how many blocks a blob may have.
    package init(index: Int) {
        precondition((0..<50_000).contains(index), "a blob has at most 50,000 blocks")
        let digits = String(index)
        base64 = Base64.encode(Array((String(repeating: "0", count: 6 - digits.count) + digits).utf8))
    }
}
