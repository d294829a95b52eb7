import OpenSSLCrypto
import SpoolPrimitives
import Testing

@Suite struct DigestTests {
    @Test(
        "MD5 gives the digests of RFC 1321",
        arguments: [
            ("", "1B2M2Y8AsgTpgAmY7PhCfg=="), ("abc", "kAFQmDzST7DWlj99KOF/cg=="), ("message digest", "+WtpfXy3k41SWi8xqvFh0A=="),
        ])
    func md5Vectors(text: String, base64: String) {
        #expect(MD5Digest(of: Array(text.utf8)).base64 == base64)
    }

    @Test(
        "SHA-256 gives the digests of FIPS 180",
        arguments: [
            ("", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), ("abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        ])
    func sha256Vectors(text: String, base64: String) {
        #expect(SHA256Digest(of: Array(text.utf8)).base64 == base64)
    }

    @Test("HMAC-SHA256 signs a container's SAS as the official SDK does (reference: azure-storage A)")
    func hmacVector() throws {
        let key = try #require(
            Base64.decode("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==".utf8))
        let text = "w\n\n2036-01-01T00:00:00Z\n/blob/devstoreaccount1/c1\n\n\n\n2024-11-04\nc\n\n\n\n\n\n\n"
        #expect(SHA256Digest(hmacOf: Array(text.utf8), key: key).base64 == "7lTqewtMwgfgPXu2qUS4o5q2AqaoWIl+q/cVlzNAdAs=")
    }

    @Test("a digest of parts is the digest of the whole, and the stream begins anew", arguments: [0, 1, 63, 64, 65, 100_000])
    func streaming(size: Int) {
        let bytes = RandomBytes.make(size)
        let md5 = MD5Stream()
        let sha256 = SHA256Stream()
        for _ in 0..<2 {
            for start in stride(from: 0, to: size, by: 37) {
                bytes[start..<min(start + 37, size)].withUnsafeBytes {
                    md5.update($0)
                    sha256.update($0)
                }
            }
            #expect(md5.finish() == MD5Digest(of: bytes))
            #expect(sha256.finish() == SHA256Digest(of: bytes))
        }
    }

    @Test("a Content-MD5 header is read back, and nothing else is")
    func headerRoundTrip() {
        let digest = MD5Digest(of: [1, 2, 3])
        #expect(MD5Digest(base64: digest.base64) == digest)
        #expect(digest.bytes.count == 16)
        #expect(MD5Digest(base64: "AAAA") == nil)
        #expect(MD5Digest(base64: "not base64") == nil)
    }
}
