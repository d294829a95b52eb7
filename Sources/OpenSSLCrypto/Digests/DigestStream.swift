import COpenSSL

/// The MD5 of bytes that come in parts. One owner, one thread at a time; used again after `finish`.
package final class MD5Stream {
    private let context = DigestContext(.md5)

    /// Ready for the first part.
    package init() {}

    /// Adds a part; it is read before this returns.
    package func update(_ bytes: UnsafeRawBufferPointer) { context.update(bytes) }

    /// The digest of everything since the last `finish`; begins anew.
    package func finish() -> MD5Digest {
        var storage = SIMD16<UInt8>()
        withUnsafeMutableBytes(of: &storage) { context.finish(into: $0) }
        return MD5Digest(storage: storage)
    }
}

/// The SHA-256 of bytes that come in parts. One owner, one thread at a time; used again after `finish`.
package final class SHA256Stream {
    private let context = DigestContext(.sha256)

    /// Ready for the first part.
    package init() {}

    /// Adds a part; it is read before this returns.
    package func update(_ bytes: UnsafeRawBufferPointer) { context.update(bytes) }

    /// The digest of everything since the last `finish`; begins anew.
    package func finish() -> SHA256Digest {
        var storage = SIMD32<UInt8>()
        withUnsafeMutableBytes(of: &storage) { context.finish(into: $0) }
        return SHA256Digest(storage: storage)
    }
}

/// Owns OpenSSL's state of a digest. Its calls fail for want of memory only.
private final class DigestContext {
    private let raw: OpaquePointer
    private let algorithm: DigestAlgorithm

    init(_ algorithm: DigestAlgorithm) {
        guard let raw = EVP_MD_CTX_new() else { preconditionFailure("no memory for a digest") }
        self.raw = raw
        self.algorithm = algorithm
        begin()
    }

    deinit { EVP_MD_CTX_free(raw) }

    func update(_ bytes: UnsafeRawBufferPointer) {
        let result = EVP_DigestUpdate(raw, bytes.baseAddress, bytes.count)
        precondition(result == 1, "OpenSSL could not continue a digest")
    }

    func finish(into output: UnsafeMutableRawBufferPointer) {
        let result = EVP_DigestFinal_ex(raw, output.bindMemory(to: UInt8.self).baseAddress, nil)
        precondition(result == 1, "OpenSSL could not finish a digest")
        begin()
    }

    private func begin() {
        let result = EVP_DigestInit_ex2(raw, algorithm.raw, nil)
        precondition(result == 1, "OpenSSL could not begin a digest")
    }
}
