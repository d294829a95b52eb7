import KustoEmulator
import Testing

@Suite struct FormatTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String { "\(format): \(text.debugDescription)" }
        let format: String
        let text: String
        let rows: [[String?]]
    }

    static let cases = [
        Case(format: "csv", text: "1,a\n2,b\n", rows: [["1", "a"], ["2", "b"]]),
        Case(format: "csv", text: "\u{FEFF}1,\"a,\n\"\"b\"\"\"\r\n\r\n2,", rows: [["1", "a,\n\"b\""], ["2", ""]]),
        Case(format: "tsv", text: "1\ta b\n", rows: [["1", "a b"]]),
        Case(format: "tsve", text: "a\\tb\tc\\\\d\\n\n", rows: [["a\tb", "c\\d\n"]]),
        Case(format: "psv", text: "1|a,b\n", rows: [["1", "a,b"]]),
        Case(format: "scsv", text: "1;a\n", rows: [["1", "a"]]),
        Case(format: "sohsv", text: "1\u{01}a\n", rows: [["1", "a"]]),
        Case(format: "txt", text: "one, \"line\"\n\nanother\r\n", rows: [["one, \"line\""], ["another"]]),
        Case(format: "raw", text: "all\nof it", rows: [["all\nof it"]]),
        Case(
            format: "json", text: "{\"a\":1,\"b\":\"x\"}\nnonsense\n{\"a\":2,\"c\":{\"d\":[1,2]}}\n",
            rows: [["1", "x", nil], ["2", nil, "{\"d\":[1,2]}"]]),
        Case(format: "multijson", text: "[{\"a\":1},\n {\"a\":2}]\n{\"a\":\n3}", rows: [["1"], ["2"], ["3"]]),
        Case(format: "singlejson", text: "{\"a\":1.5,\"b\":true}", rows: [["1.5", "1"]]),
    ]

    @Test("every text format is read", arguments: cases)
    func formats(example: Case) async throws {
        try await Emulated.with { cloud async throws in
            let outcome = try await cloud.ingest(Array(example.text.utf8), name: "x", format: example.format)
            #expect(outcome.errorCode == nil)
            #expect(try cloud.emulator.rows("db", "T").map(\.texts) == example.rows)
        }
    }

    @Test("gzip is told by the extension, in one member or more, and the raw size is that of the data")
    func compressed() async throws {
        try await Emulated.with { cloud async throws in
            let members = gzip(Array("1,a\n".utf8)) + gzip(Array("2,b\n".utf8))
            let outcome = try await cloud.ingest(members, name: "x.csv.gz")
            #expect(outcome.errorCode == nil)
            #expect(outcome.actualRawSize == 8)
            #expect(outcome.announcedRawSize == members.count)
            #expect(try cloud.emulator.rows("db", "T").map(\.texts) == [["1", "a"], ["2", "b"]])
            #expect(try cloud.emulator.rows("db", "T").map(\.sourceID) == Array(repeating: outcome.sourceID, count: 2))
        }
    }

    @Test("the first record is left out where the message says so, in a flag or in its text", arguments: [JSON.bool(true), "true", "True"])
    func firstRecord(flag: JSON) async throws {
        try await Emulated.with { cloud async throws in
            try await cloud.ingest(Array("h1,h2\n1,2\n".utf8), name: "x.csv", properties: ["ignoreFirstRecord": flag])
            #expect(try cloud.emulator.rows("db", "T").map(\.texts) == [["1", "2"]])
        }
    }

    @Test("a typed column takes what fits and makes a null of the rest")
    func types() async throws {
        let table = TableDefinition(
            database: "db", table: "T",
            columns: [.init("n", .long), .init("r", .real), .init("b", .bool), .init("s", .string), .init("d", .dynamic)])
        try await Emulated.with({ $0.tables = [table] }) { cloud async throws in
            try await cloud.ingest(Array("1,1.5,true,x,{},extra\nx,x,x,,,\n".utf8), name: "x.csv")
            #expect(try cloud.emulator.rows("db", "T").map(\.texts) == [["1", "1.5", "1", "x", "{}"], [nil, nil, nil, "", nil]])
        }
    }

    @Test("binary formats are counted as one record where that was asked for")
    func binary() async throws {
        try await Emulated.with({ $0.acceptsBinaryFormats = true }) { cloud async throws in
            #expect(try await cloud.ingest([0x50, 0x41, 0x52, 0x31], name: "x.parquet").errorCode == nil)
            #expect(cloud.emulator.rowCount("db", "T") == 1)
        }
    }

    @Test("counting keeps no rows, and taking messages as they are opens no blob")
    func otherModes() async throws {
        try await Emulated.with({ $0.ingestion = .count }) { cloud async throws in
            #expect(try await cloud.ingest(Array("1\n2\n".utf8), name: "x.csv").records == 2)
            #expect(cloud.emulator.rowCount("db", "T") == 2)
            #expect(try cloud.emulator.rows("db", "T").isEmpty)
        }
        try await Emulated.with({ $0.ingestion = .none }) { cloud async throws in
            #expect(try await cloud.ingest([], name: "x.csv").errorCode == nil)
            #expect(cloud.emulator.waitingNotifications.map(\.isFailure) == [false])
        }
    }
}
