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
