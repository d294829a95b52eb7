import KustoWire
import SpoolPrimitives
import Testing

@Suite struct SecretScrubberTests {
    @Test(
        "every URL ends where its secrets begin, and other text is left alone",
        arguments: [
            ("", ""), ("plain; text? yes.", "plain; text? yes."), ("https://a/b", "https://a/b"),
            ("https://a/b?sig=x", "https://a/b?<redacted>"), ("https://a/b?", "https://a/b?"),
            ("see https://a/b?x=1&sig=y, then https://c/d;impersonate.", "see https://a/b?<redacted> then https://c/d;<redacted>"),
            ("'https://a/b?sig=x' failed", "'https://a/b?<redacted>' failed"),
            ("<u>https://a/b?sig=x</u>", "<u>https://a/b?<redacted></u>"),
            (#"{"u":"https://a/b?sv=1\u0026sig=x"}"#, #"{"u":"https://a/b?<redacted>"}"#),
            (#"{\"u\":\"https://a/b?sig=x\"}"#, #"{\"u\":\"https://a/b?<redacted>"}"#),
            ("https://a/b; retry later", "https://a/b; retry later"), ("HTTPS://A/B?SIG=x", "HTTPS://A/B?<redacted>"),
            ("sig=abc&x", "sig=<redacted>&x"), ("a SIG%3Dabc b", "a SIG%3D<redacted> b"), ("design=modern", "design=modern"),
            ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_ end", "token <redacted> end"), ("eyJshort", "eyJshort"),
            ("wasbs://a?sig=x y", "wasbs://a?<redacted> y"),
        ])
    func texts(text: String, expected: String) {
        #expect(SecretScrubber.scrub(text) == expected)
    }

    @Test("a secret in a member's name goes as one in its value does")
    func names() throws {
        let json = try JSONValue(parsing: #"{"https://a/b?sig=abc":1,"x sig=abc":{"sig=abc":"sig=abc"},"AccountKey":"abc"}"#)
        var writer = JSONWriter()
        writer.value(SecretScrubber.scrub(json))
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"https://a/b?<redacted>":1,"x sig=<redacted>":{"sig=<redacted>":"sig=<redacted>"},"AccountKey":"<redacted>"}"#)
    }

    @Test("whatever stands around it, a signature does not survive")
    func signatures() {
        let parts = ["https://a/b", "?", ";", "&", "sig=", "SECRET", " ", "\"", "\\", "'", "x", "=", "\n", "%26"]
        let random = RandomSource.seeded(42)
        var seen = 0
        for _ in 0..<5000 {
            var text = (0..<Int(random.next() % 6)).map { _ in parts[Int(random.next() % UInt64(parts.count))] }.joined()
            text += "sig=SECRET"
            text += (0..<Int(random.next() % 4)).map { _ in parts[Int(random.next() % UInt64(parts.count))] }.filter { $0 != "SECRET" }
                .joined()
            seen += 1
            let scrubbed = SecretScrubber.scrub(text)
            #expect(!scrubbed.contains("sig=SECRET"), "\(text) → \(scrubbed)")
        }
        #expect(seen == 5000)
    }
}
