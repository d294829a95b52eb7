import FoundationEssentials
import SpoolPrimitives
import Testing

@Suite struct JSONValueTests {
    private static func rewritten(_ text: String) throws -> String {
        var writer = JSONWriter()
        writer.value(try JSONValue(parsing: text))
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        "what is read is written again without loss",
        arguments: [
            ("null", "null"), (" [ ] ", "[]"), ("{ }", "{}"),
            ("[1, -0, 1.10, 1e5, 1E+5, 0.5e-3, 12345678901234567890]", "[1,-0,1.10,1e5,1E+5,0.5e-3,12345678901234567890]"),
            (#"{"b":true,"a":false,"b":null}"#, #"{"b":true,"a":false,"b":null}"#),
            (#""\" \\ \/ \b\f\n\r\t \u00e9 \ud83d\ude00""#, #""\" \\ / \u0008\u000c\n\r\t é 😀""#),
            (#""\ud83d x \ude00""#, "\"\u{FFFD} x \u{FFFD}\""), (#""\ud83d\u0041""#, "\"\u{FFFD}A\""),
            ("\u{FEFF}{\"a\":[{\"b\":[]}]}\r\n", "{\"a\":[{\"b\":[]}]}"),
        ])
    func roundTrip(text: String, expected: String) throws {
        #expect(try Self.rewritten(text) == expected)
    }

    @Test(
        "what is no JSON is refused at the byte where it stops to be",
        arguments: [
            ("", 0, true), ("  ", 2, true), ("{", 1, true), ("[1,", 3, true), ("[1,]", 3, false), ("{\"a\"}", 4, false),
            ("{\"a\":1,}", 7, false), ("\"a", 2, true),
            ("\"\\", 2, true), ("\"\\x\"", 2, false), ("\"\\u12", 5, true), ("\"\\u12g4\"", 5, false), ("\"\n\"", 1, false),
            ("01", 1, false), ("1.", 2, true),
            (".5", 0, false), ("1e", 2, true), ("-", 1, true), ("+1", 0, false), ("tru", 3, true), ("trux", 3, false), ("nan", 1, false),
            ("1 2", 2, false),
            ("{a:1}", 1, false), ("[1}", 2, false), ("'a'", 0, false),
        ])
    func refusals(text: String, offset: Int, isTruncation: Bool) throws {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(try #require(error).offset == offset)
        #expect(try #require(error).isTruncation == isTruncation)
    }

    @Test("nesting is bounded")
    func depth() throws {
        let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try Self.rewritten(text) == text)
        #expect(throws: JSONError.self) { try JSONValue(parsing: "[" + text + "]") }
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 1_000_000)) }
    }

    @Test("malformed UTF-8 is replaced, not refused")
    func invalidUTF8() throws {
        #expect(try JSONValue(parsing: [0x22, 0xFF, 0x41, 0x22]) == .string("\u{FFFD}A"))
        #expect(try JSONValue(parsing: [0x22, 0xC3, 0x5C, 0x6E, 0x22]) == .string("\u{FFFD}\n"))
    }

    @Test("members are found by name, numbers and flags through either spelling")
    func access() throws {
        let json = try JSONValue(parsing: #"{"Name":"x","n":"7","N":8,"f":"True","z":null,"big":1e400}"#)
        #expect(json["name"] == nil)
        #expect(json[ignoringCase: "name"]?.text == "x")
        #expect(json[ignoringCase: "n"]?.integer == 7)
        #expect(json["N"]?.integer == 8)
        #expect(json["f"]?.flag == true)
        #expect(json["z"]?.isNull == true)
        #expect(json["z"]?.text == nil)
        #expect(json["big"]?.integer == nil)
        #expect(JSONValue.array([])["a"] == nil)
    }

    @Test("an independent parser agrees on every mutation of a document that both accept")
    func agreesWithFoundation() throws {
        let seed = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",true,false,null,{"b":{}}],"c":"https:\/\/a"}"#.utf8)
        let random = RandomSource.seeded(3)
        var accepted = 0
        for _ in 0..<5000 {
            var bytes = seed
            for _ in 0...Int(random.next() % 3) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: 0x20 + random.next() % 0x5F)
                case 1: bytes.remove(at: index)
                default: bytes.insert(bytes[Int(random.next() % UInt64(bytes.count))], at: index)
                }
            }
            let ours: JSONValue?
            do { ours = try JSONValue(parsing: bytes) } catch { ours = nil }
            let theirs: Tree?
            do { theirs = try JSONDecoder().decode(Tree.self, from: Data(bytes)) } catch { theirs = nil }
            if let ours, let theirs {
                accepted += 1
                #expect(theirs.matches(ours), "\(String(decoding: bytes, as: UTF8.self))")
            }
            // Ours refuses nothing that the other reads, but for a comma before a closing bracket, which RFC 8259 does not know.
            let text = String(decoding: bytes, as: UTF8.self)
            if ours == nil, theirs != nil, !text.contains(",}"), !text.contains(",]") { Issue.record("refused: \(text)") }
        }
        #expect(accepted > 500)
    }

    /// Any JSON, as Foundation reads it.
    private indirect enum Tree: Decodable {
        case null
        case bool(Bool)
        case number(Double)
        case string(String)
        case array([Tree])
        case object([String: Tree])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode([Tree].self) {
                self = .array(value)
            } else {
                self = .object(try container.decode([String: Tree].self))
            }
        }

        func matches(_ json: JSONValue) -> Bool {
            switch (self, json) {
            case (.null, .null): true
            case (.bool(let a), .bool(let b)): a == b
            case (.number(let a), .number(let b)): a == Double(b)
            case (.string(let a), .string(let b)): a == b
            case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.matches($1) }
            // Repeated keys: each side keeps one of them, so only their names are compared.
            case (.object(let a), .object(let b)): Set(a.keys) == Set(b.map(\.key))
            default: false
            }
        }
    }
}
