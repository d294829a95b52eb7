import COpenSSL

/// One of OpenSSL's digests, looked up once: OpenSSL 3 otherwise searches its providers for every call.
struct DigestAlgorithm: @unchecked Sendable {  // the pointee is immutable and is never freed
    let raw: OpaquePointer

    static let md5 = DigestAlgorithm("MD5")
    static let sha256 = DigestAlgorithm("SHA256")

    private init(_ name: String) {
        // "-fips": where a machine allows approved algorithms only, MD5 still has to serve as the checksum that it is here.
        guard let raw = EVP_MD_fetch(nil, name, "-fips") else { preconditionFailure("this machine's OpenSSL has no \(name)") }
        self.raw = raw
    }

    func digest(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        let result = EVP_Digest(bytes.baseAddress, bytes.count, output.bindMemory(to: UInt8.self).baseAddress, nil, raw, nil)
        precondition(result == 1, "OpenSSL could not compute a digest")
    }
}
