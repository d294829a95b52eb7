import KustoWire
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// Which files may stand between others in one blob, by the look of them.
@Suite struct SegmentStructureTests {
    typealias Flaw = SegmentStructure.Flaw

    /// - Returns: what is left of the file, or why it travels alone.
    private static func look(
        _ text: [UInt8], _ format: DataFormat, hasHeader: Bool = false, header: inout [UInt8]?
    ) throws -> Result<[UInt8], Flaw> {
        let joining = try #require(format.joining)
        return text.withUnsafeBytes { bytes in
            do throws(Flaw) {
                let structure = try SegmentStructure(of: bytes, joining: joining, hasHeader: hasHeader, header: &header)
                return .success(Array(bytes[structure.skipped...]))
            } catch {
                return .failure(error)
            }
        }
    }

    private static func flaw(_ text: [UInt8], _ format: DataFormat) throws -> Flaw? {
        var header: [UInt8]?
        if case .failure(let flaw) = try look(text, format, header: &header) { return flaw }
        return nil
    }

    private static let cases: [(String, DataFormat, Flaw?)] = [
        ("a,1\n", .csv, nil), ("a,1\r\n", .csv, nil), ("a,\"x\ny\"\n", .csv, nil), ("a,\"x\"\"y\"\n", .csv, nil), ("é,ß\n", .csv, nil),
        ("a,1", .csv, .noFinalNewline), ("a,1\r", .csv, .noFinalNewline), ("a,\"x\n", .csv, .openQuote), ("a,\"x\"\"\n", .csv, .openQuote),
        ("x\"y,1\n\"z,2\n", .csv, .openQuote), ("x\"y\",1\n", .csv, .openQuote), ("\"x\"y,\"z\"\n", .csv, .openQuote),
        ("\"x\"\r\n", .csv, nil), ("a\\\r\n", .tsve, .noFinalNewline), ("a\0\n", .csv, .notUTF8), ("x|\"a\nb\"\n", .psv, nil),
        ("x,\"a\"\"b\"\n", .csv, nil), ("\"\"\n", .csv, nil), ("x,\"\",\"\"\"\"\n", .csv, nil),
        ("\u{FEFF}a,1\n", .csv, .byteOrderMark), ("\n\n", .csv, .noRecords), (" \t\r\n", .csv, .noRecords),
        ("a\t1\n", .tsv, nil), ("a\t1\\\n", .tsve, .noFinalNewline), ("a;1\n", .scsv, nil), ("a|1\n", .psv, nil),
        ("a\u{1}1\n", .sohsv, nil),
        ("say \"\n", .txt, nil), ("say \"", .txt, .noFinalNewline),
        ("{\"a\":1}\n{\"a\":2}\n", .json, nil), ("{\"a\":\"}\"}\n", .json, nil), ("{\"a\":\"\\\"\"}\n", .json, nil),
        ("{\"a\":1\n", .json, .notObjects), ("{\"a\":\n1}\n", .json, .notObjects), ("{\"a\":\"x}\n", .json, .notObjects),
        ("}\n", .json, .notObjects), ("hello\n", .json, .notObjects), ("a,b\n1,2\n", .json, .notObjects), ("1\n", .json, .notObjects),
        ("[{\"a\":1},{\"a\":2}]\n", .json, .notObjects), ("{\"a\":1}\nhello\n", .json, .notObjects),
        ("{\"a\":1} {\"a\":2}\n", .json, .notObjects), ("{\"a\":1,\r\"b\":2}\n", .json, .notObjects),
        ("\n{\"a\":1}\r\n \t\n", .json, nil), ("\n \n", .json, .noRecords),
        ("{\"a\":\n1}\n{}\n", .multijson, nil), ("{\"a\":[1,2]}\n", .multijson, nil), ("{\"a\":1}", .multijson, .noFinalNewline),
        ("[{\"a\":1}]\n", .multijson, .notObjects), ("1\n", .multijson, .notObjects), ("{\"a\":[1}\n{\n", .multijson, .unbalanced),
    ]

    @Test("a file is let through or refused by its structure", arguments: cases)
    func structure(text: String, format: DataFormat, expected: Flaw?) throws {
        #expect(try Self.flaw(Array(text.utf8), format) == expected)
    }

    /// Whether the JSON reader of the whole project, which has another shape, takes it for an object.
    private static func isObject(_ line: [UInt8]) -> Bool { (try? JSONValue(parsing: line))?.members != nil }

    @Test("a line of JSON is let through where it is one whole object, and where readers do not differ about it")
    func jsonLines() throws {
        let objects = [
            "{}", "{\"a\":{\"b\":[]},\"c\":[1,-0.5e+10,2E3,true,false,null,\"\"]}", " { \"a\" :\t[ ] , \"b\" : 0 } ",
            "{\"a\":\"\\u00e9\\ud83d\\ude00\"}",
            "{\"a\":" + String(repeating: "7", count: 64) + "e99}", "{\"é\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
            "{\"a\":" + String(repeating: "[", count: 31) + String(repeating: "]", count: 31) + "}",
        ]
        for object in objects {
            #expect(try Self.flaw(Array("\(object)\n".utf8), .json) == nil, "\(object)")
            #expect(Self.isObject(Array(object.utf8)), "\(object)")
        }
        let others = [
            "{a:1}", "{'a':1}", "{\"a\":1,}", "{\"a\":[1,]}", "{\"a\":01}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":+1}", "{\"a\":1e}",
            "{\"a\":NaN}", "{\"a\" 1}",
            "{\"a\":tru}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\t\"}", "{\"a\":1]", "{\"a\"}", "{,}", "{\"a\":}",
            "{\"a\":1 \"b\":2}", "{\"a\":1}}",
            "{\"a\":1} x", "\"{}\"", "null", "{\"a\":-}", "{\"a\":/* */1}", "{\"a\":\"",
        ]
        for other in others {
            #expect(try Self.flaw(Array("\(other)\n".utf8), .json) == .notObjects, "\(other)")
            #expect(!Self.isObject(Array(other.utf8)), "\(other)")
        }
        for doubtful in [
            "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}", "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\u0000\"}", "{\"a\":1e999}",
            "{\"a\":-2E-100}",
            "{\"a\":" + String(repeating: "7", count: 65) + "}", "{\"a\":0." + String(repeating: "7", count: 63) + "e1}",
            "{\"a\":" + String(repeating: "[", count: 32) + String(repeating: "]", count: 32) + "}",
        ] {
            #expect(try Self.flaw(Array("\(doubtful)\n".utf8), .json) == .notObjects, "\(doubtful)")
            #expect(Self.isObject(Array(doubtful.utf8)), "\(doubtful)")
        }
    }

    @Test("of what looks like JSON no line is let through that the project's reader of JSON does not take for an object")
    func jsonFuzz() throws {
        var random = SeededRandom.replayable("JSON lines")
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"\"", "1", "-2.5", "true", "null", " ", "\\", "\"", "0", "{}", "\"b\":1", "[]", "\r",
            "\t", "x",
        ]
        var (accepted, refused) = (0, 0)
        for _ in 0..<200_000 {
            // Of two objects' making half, or little would be let through.
            var text = Int.random(in: 0..<2, using: &random) == 0 ? "{\"a\":" : ""
            for _ in 0..<Int.random(in: 1...6, using: &random) { text += pieces.randomElement(using: &random) ?? "" }
            if Int.random(in: 0..<2, using: &random) == 0 { text += "}" }
            let line = Array(text.utf8)
            if try Self.flaw(line + [0x0A], .json) == nil {
                accepted += 1
                #expect(Self.isObject(line), "\(text)")
            } else {
                refused += 1
                let blank = text.allSatisfy { " \t\r".contains($0) }
                #expect(blank || text.contains("\r") || !Self.isObject(line), "\(text)")
            }
        }
        #expect(accepted > 2000 && refused > 10_000, "\(accepted) let through, \(refused) refused")
    }

    @Test("what is no UTF-8, and what is compressed, travels alone")
    func bytes() throws {
        #expect(try Self.flaw([0x61, 0xE9, 0x0A], .csv) == .notUTF8, "Latin-1")
        #expect(try Self.flaw(Array("a,1\n".utf8) + [0xC3, 0x28, 0x0A], .csv) == .notUTF8, "a sequence that is cut off")
        #expect(try Self.flaw([0x1F, 0x8B, 8, 0, 0x0A], .csv) == .compressed)
        #expect(try Self.flaw([0x50, 0x4B, 3, 4, 0x0A], .csv) == .compressed)
        #expect(try Self.flaw([], .csv) == .noFinalNewline)
        #expect(Set(Self.cases.compactMap(\.2)).union([.compressed, .otherHeader]) == Set(Flaw.allCases), "each flaw is met")
    }

    @Test("a header is left out where it is the one of the files before; a file with another one, or with nothing else, travels alone")
    func headers() throws {
        var header: [UInt8]?
        func look(_ text: String) throws -> Result<String, Flaw> {
            try Self.look(Array(text.utf8), .csv, hasHeader: true, header: &header).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(try look("only,this\n") == .failure(.noRecords))
        #expect(header == nil, "a file that travels alone sets nobody's header")
        #expect(try look("a,\"b\nc\"\n1,2\n") == .success("1,2\n"), "a quoted newline does not end the header")
        #expect(try look("a,\"b\nc\"\n3,4\n5,6\n") == .success("3,4\n5,6\n"))
        #expect(try look("a,b\n7,8\n") == .failure(.otherHeader))
        #expect(try look("a,\"b\nc\"\n") == .failure(.noRecords))
        #expect(try look("a\"b\n\"1,2\n") == .failure(.openQuote), "where the header ends depends on the reader")
        #expect(try look("\na,b\n1,2\n") == .failure(.otherHeader), "a blank line is passed over by readers")
        #expect(try look("a\\\nb\n1\n") == .failure(.otherHeader), "a newline that is taken back")
        #expect(try look("a,b\r1,2\n3,4\n") == .failure(.otherHeader), "a carriage return that ends the line for some readers")
    }

    @Test("formats that a second file would make another file of have no way of joining")
    func formats() {
        let joined: Set<DataFormat> = [.csv, .tsv, .tsve, .scsv, .sohsv, .psv, .txt, .json, .multijson]
        for format in DataFormat.allCases { #expect((format.joining != nil) == joined.contains(format), "\(format)") }
    }

    @Test("files that are let through say together what they say apart")
    func together() throws {
        var random = SeededRandom.replayable("joined CSV")
        var joined: [UInt8] = []
        var apart: [[String]] = []
        var refused = 0
        for _ in 0..<10_000 {
            let file = Self.file(&random)
            if try Self.flaw(file, .csv) == nil {
                joined += file
                apart += Self.records(file)
            } else {
                refused += 1
            }
        }
        #expect(Self.records(joined) == apart)
        #expect(apart.count > 2000 && refused > 200, "\(apart.count) records, \(refused) files refused")
    }

    private static func file(_ random: inout SeededRandom) -> [UInt8] {
        let pieces = ["a", "1", ",", "\"x\"", "\"y\nz\"", "\"q\"\"q\"", "\n", "\"", "é", ""]
        var text = ""
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            // A stray quote is rare, or nothing would be let through.
            let piece = pieces.randomElement(using: &random) ?? ""
            text += piece == "\"" && Int.random(in: 0..<3, using: &random) > 0 ? "b" : piece
        }
        return Array((text + (Int.random(in: 0..<10, using: &random) > 0 ? "\n" : "")).utf8)
    }

    /// A reader of CSV apart from the rule that is tested: fields, quotes and all.
    private static func records(_ bytes: [UInt8]) -> [[String]] {
        var records: [[String]] = []
        var record: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        for byte in bytes {
            if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
                field.append(byte)
            } else if isQuoted || byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\n") {
                field.append(byte)
            } else {
                record.append(String(decoding: field, as: UTF8.self))
                field = []
                if byte == UInt8(ascii: "\n") {
                    records.append(record)
                    record = []
                }
            }
        }
        if !record.isEmpty || !field.isEmpty { records.append(record + [String(decoding: field, as: UTF8.self)]) }
        return records
    }
}
