import IngestionEngine
import Testing

/// How many notifications of a page are deleted at one time.
@Suite struct DeleteWidthTests {
    @Test(
        "as many side by side as the round trip is long, within its bounds",
        arguments: [(0, 4), (1, 4), (10, 4), (15, 6), (20, 8), (79, 31), (80, 32), (10_000, 32)])
    func grows(milliseconds: Int, count: Int) {
        var width = DeleteWidth()
        #expect(width.count == DeleteWidth.least)
        width.deleted(fastest: .milliseconds(milliseconds))
        #expect(width.count == count)
    }

    @Test("a service that has come near again gets few, and a page that tells of no round trip changes nothing")
    func shrinks() {
        var width = DeleteWidth()
        width.deleted(fastest: .milliseconds(100))
        width.deleted(fastest: nil)
        #expect(width.count == DeleteWidth.most)
        width.deleted(fastest: .milliseconds(2))
        #expect(width.count == DeleteWidth.least)
    }
}
