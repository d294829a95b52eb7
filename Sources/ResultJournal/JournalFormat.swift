package import SpoolPrimitives

/// The journal on disk (protocol.md §6).
///
///     journal.ndjson                         the current file; lines of JSON, each ended by a newline, the last one possibly torn by a crash
///     journal-<20 digits>.ndjson             rotated, named by its first seq; ends with a newline
///     journal-<20 digits>-<n>.ndjson         the same, where another hand had taken that name
///     journal-<uuid>-<20 digits>.ndjson      of another ledger, moved out of the way when the ledger was lost or exchanged
///
/// Every line has the journal's UUID in `journal` and its number in `seq`, which goes up by one; only a gap line has none and stands for the
/// numbers `from` to `to`, whose lines another hand has removed.
package enum JournalFormat {
    /// The longest line, its newline included. A verdict's text is cut long before this; what is longer is not ours.
    package static let maximumLineLength = 1 << 20

    /// The line, with its newline, that stands for lost ones: `{"event":"gap","from":8,"to":9,"journal":"…","at":"…"}`.
    package static func gapLine(_ range: ClosedRange<Int64>, journal: String, at: Timestamp) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.field("event", "gap")
            $0.field("from", range.lowerBound)
            $0.field("to", range.upperBound)
            $0.field("journal", journal)
            $0.field("at", at.description)
        }
        writer.newline()
        return writer.bytes
    }
}
