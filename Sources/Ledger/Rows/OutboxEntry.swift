/// The events of one commit, as the journal gets them.
package struct OutboxEntry: Sendable {
    package var firstSeq: Int64
    package var lastSeq: Int64
    /// NDJSON, `lastSeq - firstSeq + 1` lines.
    package var lines: [UInt8]

    package init(firstSeq: Int64, lastSeq: Int64, lines: [UInt8]) {
        self.firstSeq = firstSeq
        self.lastSeq = lastSeq
        self.lines = lines
    }
}

extension OutboxEntry {
    /// The lines behind number `seq`; nil when there are none.
    package func rest(after seq: Int64) -> OutboxEntry? {
        if firstSeq > seq { return self }
        if lastSeq <= seq { return nil }
        var skipped = seq - firstSeq + 1
        var start = lines.startIndex
        while skipped > 0, let newline = lines[start...].firstIndex(of: UInt8(ascii: "\n")) {
            start = newline + 1
            skipped -= 1
        }
        return OutboxEntry(firstSeq: seq + 1, lastSeq: lastSeq, lines: Array(lines[start...]))
    }
}
