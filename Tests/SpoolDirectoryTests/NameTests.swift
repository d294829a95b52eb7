import SpoolDirectory
import SpoolPrimitives
import Testing

@Suite struct NameTests {
    @Test("a name's text is printable and gives the same bytes back", arguments: awkwardNames)
    func roundTrip(file: FileName) {
        let text = file.displayText
        #expect(FileName(displayText: text) == file)
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
    }

    @Test("every single byte, and every pair with a lead byte, survives its text")
    func allBytes() {
        for byte in UInt8.min...UInt8.max where byte != 0 && byte != UInt8(ascii: "/") && byte != UInt8(ascii: ".") {
            #expect(FileName(displayText: name([byte]).displayText) == name([byte]))
            for lead: UInt8 in [0xC2, 0xE2, 0xF0, 0x5C] {
                #expect(FileName(displayText: name([lead, byte]).displayText) == name([lead, byte]))
            }
        }
    }

    @Test("a random name survives its text, and no two names share one")
    func randomNames() {
        var texts: [[UInt8]: [UInt8]] = [:]
        for _ in 0..<2000 {
            let bytes =
                (0..<Int.random(in: 1...12)).map { _ in [0x5C, 0x78, 0x30, 0xC3, 0xA9, 0xFF, 0x41, 0x0A].randomElement() ?? 0x41 }
                as [UInt8]
            let text = Array(name(bytes).displayText.utf8)
            #expect(FileName(displayText: String(decoding: text, as: UTF8.self)) == name(bytes))
            #expect(texts.updateValue(bytes, forKey: text).map { $0 == bytes } ?? true)
        }
    }

    @Test(
        "texts for people",
        arguments: [(name([0x61, 0xFF, 0x62]), "a\\xffb"), (name("a\\b"), "a\\\\b"), (name("a\nb"), "a\\x0ab"), (name("日"), "日")])
    func texts(file: FileName, text: String) {
        #expect(file.displayText == text)
    }

    @Test("what no directory entry can be called is no name", arguments: ["", ".", "..", "a/b", "a\u{0}b"])
    func notNames(text: String) {
        #expect(FileName(text) == nil)
    }

    @Test("what displayText never writes is not read", arguments: ["\\", "\\x", "\\x4", "\\xZZ", "\\y", "a\\", "\\x2f", "\\x00", ""])
    func notTexts(text: String) {
        #expect(FileName(displayText: text) == nil)
    }

    @Test(
        "a path is its names, the empty text is the root", arguments: [("", 0), ("a", 1), ("a/b", 2), ("done/2026-01-02/x\\x0a", 3)])
    func paths(text: String, depth: Int) {
        #expect(path(text).depth == depth && path(text).displayText == text)
    }

    @Test("a path with an empty name is none", arguments: ["/", "a//b", "/a", "a/"])
    func notPaths(text: String) {
        #expect(RelativePath(displayText: text) == nil)
    }

    @Test(
        "a numbered name fits, is cut at a character's boundary, and its number is whole",
        arguments: [
            (name("a.csv"), 2, name("a.csv.~2~")), (name("a.csv"), 1, name("a.csv")), (name("a.csv"), 100, name("a.csv.~100~")),
            (
                name(Array(repeating: UInt8(ascii: "n"), count: 255)), 12,
                name(Array(repeating: UInt8(ascii: "n"), count: 250) + Array(".~12~".utf8))
            ),
            (name(String(repeating: "é", count: 127)), 2, name(String(repeating: "é", count: 125) + ".~2~")),
            (name("x" + String(repeating: "日", count: 84)), 3, name("x" + String(repeating: "日", count: 83) + ".~3~")),
            (name(Array(repeating: 0x80, count: 255)), 2, name(Array(repeating: 0x80, count: 251) + Array(".~2~".utf8))),
        ])
    func numbered(file: FileName, number: Int, expected: FileName) {
        #expect(file.numbered(number) == expected)
    }

    @Test(
        "a claim's name is letters, digits and dashes",
        arguments: [("", false), ("-a", false), ("a/b", false), ("a.b", false), ("a-1", true), (".lock", false)])
    func claimNames(text: String, isName: Bool) {
        #expect((ClaimName(text) != nil) == isName)
    }
}
