import Ledger

/// The ledger with itself, but for its rows, which ``RowCheck`` looks at.
struct LedgerCheck {
    let ledger: LedgerReader
    private static let page = 256

    init(ledger: LedgerReader) { self.ledger = ledger }

    /// protocol.md §6: numbers are given in the transaction that makes the events, so those that wait are all the last ones.
    func run(_ differences: inout DifferenceBook) throws(LedgerError) {
        var last: Int64?
        var after: Int64 = .min
        while true {
            let entries = try ledger.outbox(after: after, limit: Self.page)
            for entry in entries {
                let lines = entry.lines.count { $0 == UInt8(ascii: "\n") }
                if let last, entry.firstSeq != last + 1 {
                    differences.add(.outboxBroken, "seq \(entry.firstSeq)", "it follows \(last)")
                } else if entry.lastSeq - entry.firstSeq + 1 != Int64(lines) {
                    differences.add(.outboxBroken, "seq \(entry.firstSeq)", "\(lines) lines for the numbers up to \(entry.lastSeq)")
                }
                last = entry.lastSeq
                after = entry.firstSeq
            }
            if entries.count < Self.page { break }
        }
        let numbers = try ledger.numbers()
        if let end = numbers.outbox?.upperBound, let next = numbers.nextSeq, end >= next {
            differences.add(.outboxBroken, "seq \(end)", "the next event would be \(next)")
        }
    }
}
