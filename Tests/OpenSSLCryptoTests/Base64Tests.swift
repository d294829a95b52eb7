import OpenSSLCrypto
import Testing

@Suite struct Base64Tests {
    @Test(
        "encodes and decodes the vectors of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func vectors(text: String, base64: String) {
        #expect(Base64.encode(Array(text.utf8)) == base64)
        #expect(Base64.decode(base64) == Array(text.utf8))
    }

    @Test("every length up to 200 survives the round trip")
    func roundTrip() {
        for size in 0...200 {
            let bytes = RandomBytes.make(size)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    @Test(
        "what is no base64 is refused",
        arguments: ["Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm=v", "Zm9v!", "Zm9vYg==x", "Zm-_", "Zg===", "é==="])
    func refused(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test("folded lines are read as one")
    func folded() {
        #expect(Base64.decode("Zm9v\r\nYmFy\n") == Array("foobar".utf8))
    }

    @Test("random bytes differ from call to call")
    func random() {
        #expect(RandomBytes.make(16).count == 16)
        #expect(RandomBytes.make(16) != RandomBytes.make(16))
        #expect(RandomBytes.make(0).isEmpty)
    }
}
