import COpenSSL

/// Bytes that nobody can guess.
package enum RandomBytes {
    /// From OpenSSL's generator, seeded by the kernel.
    package static func make(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, made in
            let result = RAND_bytes(buffer.baseAddress, Int32(count))
            precondition(result == 1, "the system gave no random bytes")
            made = count
        }
    }
}
