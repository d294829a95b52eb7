import SpoolPrimitives
import Testing

@Suite struct Base64Tests {
    @Test(
        "encodes and decodes the vectors of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func vectors(text: String, base64: String) {
        #expect(Base64.encode(Array(text.utf8)) == base64)
        #expect(Base64.decode(base64.utf8) == Array(text.utf8))
    }

    @Test("every length up to 200 survives the round trip")
    func roundTrip() {
        let random = RandomSource.seeded(1)
        for size in 0...200 {
            let bytes = (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            #expect(Base64.decode(Base64.encode(bytes).utf8) == bytes)
        }
    }

    @Test("what is no base64 is refused", arguments: ["Z", "Zm=v", "Zm9v!", "Zm9vYg==x", "é===", "Zg==Zg=="])
    func refused(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    @Test(
        "what other hands put into a queue is understood: folded lines, missing padding, the URL-safe alphabet",
        arguments: [("Zm9v\r\nYmFy\n", "foobar"), ("Zm9vYg", "foob"), ("Zm8", "fo"), ("Pz8_", "???")])
    func lenient(text: String, decoded: String) {
        #expect(Base64.decode(text.utf8) == Array(decoded.utf8))
    }
}
