import CZlib
import KustoEmulator
import Testing

@Suite struct ZipTests {
    struct File: Sendable {
        let name: String
        let text: String
        var isStored = false
    }

    /// An archive as PKWARE's note describes it, written here so that the reader is not tested against itself.
    static func archive(_ files: [File], method: UInt16? = nil, flags: UInt16 = 0, comment: String = "") -> [UInt8] {
        func little(_ number: Int, _ width: Int) -> [UInt8] { (0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
        var body: [UInt8] = []
        var directory: [UInt8] = []
        for file in files {
            let content = Array(file.text.utf8)
            // A gzip member is a deflate stream between ten bytes of header and eight of trailer.
            let packed = file.isStored ? content : Array(gzip(content).dropFirst(10).dropLast(8))
            let checksum = Int(crc32(0, content, UInt32(content.count)))
            let common =
                little(20, 2) + little(Int(flags), 2) + little(Int(method ?? (file.isStored ? 0 : 8)), 2) + little(0, 4)
                + little(checksum, 4)
                + little(packed.count, 4) + little(content.count, 4) + little(file.name.utf8.count, 2) + little(0, 2)
            directory += little(0x0201_4B50, 4) + little(20, 2) + common + little(0, 10) + little(body.count, 4) + Array(file.name.utf8)
            body += little(0x0403_4B50, 4) + common + Array(file.name.utf8) + packed
        }
        let end =
            little(0x0605_4B50, 4) + little(0, 4) + little(files.count, 2) + little(files.count, 2) + little(directory.count, 4)
            + little(body.count, 4) + little(comment.utf8.count, 2) + Array(comment.utf8)
        return body + directory + end
    }

    private static let two = [
        File(name: "a.csv", text: "h,h\n1,a\n"), File(name: "folder/", text: "", isStored: true),
        File(name: "folder/b.csv", text: "h,h\n2,b\n3,c\n", isStored: true),
    ]

    @Test("the files of an archive are ingested as one source, each with its own header")
    func several() async throws {
        try await Emulated.with { cloud async throws in
            let bytes = Self.archive(Self.two, comment: "a comment PK")
            let outcome = try await cloud.ingest(bytes, name: "x.csv.zip", properties: ["format": "csv", "ignoreFirstRecord": true])
            #expect(outcome.errorCode == nil)
            #expect(outcome.actualRawSize == 20)
            #expect(try cloud.emulator.rows("db", "T").map(\.texts) == [["1", "a"], ["2", "b"], ["3", "c"]])
        }
    }

    @Test("a pattern chooses among the files")
    func pattern() async throws {
        try await Emulated.with { cloud async throws in
            let one = File(name: "a.json", text: "{\"n\":1}\n{\"n\":2}\n")
            let properties: [String: JSON] = ["format": "json", "zipPattern": #"\.json$"#]
            try await cloud.ingest(Self.archive([one] + Self.two), name: "x.zip", properties: properties)
            #expect(try cloud.emulator.rows("db", "T").map(\.texts) == [["1"], ["2"]])
        }
    }

    @Test(
        "an archive that cannot be read fails with the service's code",
        arguments: [
            (Array("no archive".utf8), [:], "BadRequest_InvalidArchive"), (archive([]), [:], "BadRequest_EmptyArchive"),
            (archive([File(name: "a.csv", text: "", isStored: true)]), [:], "BadRequest_EmptyArchive"),
            (archive(two), ["zipPattern": "none"], "BadRequest_EmptyArchive"),
            (archive(two), ["zipPattern": "("], "BadRequest_MalformedIngestionProperty"),
            (archive(two, method: 9), [:], "BadRequest_InvalidArchive"), (archive(two, flags: 1), [:], "BadRequest_InvalidArchive"),
            (Array(archive(two).dropFirst(3)), [:], "BadRequest_InvalidArchive"),
            (archive(two).enumerated().map { $0.offset == 40 ? $0.element ^ 0xFF : $0.element }, [:], "BadRequest_InvalidArchive"),
        ] as [([UInt8], [String: JSON], String)])
    func unreadable(bytes: [UInt8], properties: [String: JSON], code: String) async throws {
        try await Emulated.with { cloud async throws in
            let outcome = try await cloud.ingest(bytes, name: "x.csv.zip", properties: properties.merging(["format": "csv"]) { $1 })
            #expect(outcome.errorCode == code)
            #expect(cloud.emulator.totalRows == 0)
        }
    }
}
