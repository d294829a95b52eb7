import SpoolCommands
import Testing

@Suite struct DifferenceBookTests {
    @Test("what two looks found both is told, by name and subject, and nothing that one alone found")
    func twice() {
        var first = DifferenceBook()
        var second = DifferenceBook()
        first.add(.claimEmpty, "a")
        first.add(.claimEmpty, "b")
        first.add(.fileMissing, "c", "queued")
        second.add(.claimEmpty, "b")
        second.add(.claimEmpty, "d")
        second.add(.fileElsewhere, "c")
        second.add(.fileMissing, "c", "settled")
        let both = second.alsoIn(first)
        #expect(both.kinds == [.fileMissing, .claimEmpty])
        #expect(both.differences(.claimEmpty).map(\.subject) == ["b"])
        #expect(both.differences(.fileMissing) == [Difference(kind: .fileMissing, subject: "c", detail: "settled")])
        #expect(both.count == 2 && both.notes == 0)
    }

    @Test("of a million of a kind ten thousand are kept and all are counted")
    func bounded() {
        var book = DifferenceBook()
        for number in 0..<1_000_000 { book.add(.fileWithoutRow, "\(number)") }
        book.add(.journalGap, "x")
        #expect(book.differences(.fileWithoutRow).count == DifferenceBook.limit)
        #expect(book.count(.fileWithoutRow) == 1_000_000 && book.count == 1_000_000 && book.notes == 1)
        #expect(book.alsoIn(book).count(.fileWithoutRow) == 1_000_000)
        #expect(DifferenceBook().isEmpty && !book.isEmpty)
    }
}
