import SpoolPrimitives
import Testing

@Suite struct JSONWriterTests {
    @Test("keys keep their order and text is escaped")
    func object() {
        var writer = JSONWriter()
        writer.object {
            $0.field("b", "q\"\\\n\u{1}é\u{7F}")
            $0.field("a", -3)
            $0.field("none", ifPresent: String?.none)
            $0.key("list")
            $0.array {
                $0.value("x")
                $0.value(true)
                $0.null()
                $0.object { _ in }
            }
        }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"b":"q\"\\\n\u0001é\u007f","a":-3,"list":["x",true,null,{}]}"#)
    }

    @Test("percent-encoding and decoding are inverse, and a stray percent stands for itself")
    func percentEncoding() {
        let text = "a b/é%+=~"
        #expect(PercentEncoding.encode(text) == "a%20b%2F%C3%A9%25%2B%3D~")
        #expect(PercentEncoding.decode(PercentEncoding.encode(text)) == text)
        #expect(PercentEncoding.decode("100%, %zz+%2b") == "100%, %zz++")
    }
}
