import IngestionModel
import Testing

@Suite struct SourceIDTests {
    @Test(
        "a SourceID is a UUID of version 8 that reads back as the same prefix and row",
        arguments: [1, 2, 0xFFFF_FFFF, 1 << 61, (1 << 62) - 1])
    func roundTrip(row: Int64) throws {
        let prefix = SourceID.Prefix(bits: 0x0123_4567_89AB_CDEF)
        let id = SourceID(prefix: prefix, row: row)
        let text = id.description
        #expect(text.count == 36)
        #expect(text.dropFirst(14).first == "8")
        #expect("89ab".contains(text.dropFirst(19).first ?? " "))
        for spelling in [text, text.uppercased(), "{\(text)}"] {
            let read = try #require(SourceID(spelling))
            #expect(read == id)
        }
    }

    @Test("as texts they stand in the order of their rows: a range of texts is a range of rows")
    func order() {
        let prefix = SourceID.Prefix(bits: 0xABC)
        let rows: [Int64] = [1, 9, 10, 15, 16, 255, 256, 65_535, 65_536, 1 << 32, 1 << 48, (1 << 48) + 1, (1 << 62) - 1]
        let texts = rows.map { SourceID(prefix: prefix, row: $0).description }
        #expect(texts == texts.sorted())
    }

    @Test(
        "a blob is known by its whole name at the end of a path, however its slash is written",
        arguments: [
            ("https://a/c/i/x-1.1.csv.gz", true), ("https://a/c/i%2Fx-1.1.csv.gz", true), ("https://a/c/i%2fx-1.1.csv.gz", true),
            ("https://a/c/i/x-1.1.csv", false), ("https://a/c/ki/x-1.1.csv.gz", false), ("https://a/c/i/x-1.1.csv.gz/y", false),
            ("", false),
        ])
    func blobName(path: String, isOurs: Bool) {
        #expect(SourceBlobName.isName("i/x-1.1.csv.gz", ofPath: path) == isOurs)
    }

    @Test("the row number can be read off the last group")
    func legible() {
        let id = SourceID(prefix: SourceID.Prefix(bits: .max), row: 255)
        #expect(id.description == "ffffffff-ffff-8fff-8000-0000000000ff")
    }

    @Test(
        "what others number is not taken for ours",
        arguments: [
            "", "123a6999-411e-4226-a333-a79992dd9b95", "ffffffff-ffff-8fff-c000-0000000000ff", "ffffffff-ffff-8fff-8000-000000000000",
            "ffffffff-ffff-8fff-8000-0000000000f", "fffffffff-fff-8fff-8000-0000000000ff", "gfffffff-ffff-8fff-8000-0000000000ff",
        ])
    func foreign(text: String) {
        #expect(SourceID(text) == nil)
    }
}
