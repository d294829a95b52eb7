import SpoolPrimitives

/// What a line says about its place in the journal; the rest of it is somebody else's.
package struct LineFields: Sendable, Equatable {
    package var seq: Int64?
    package var journal: String?
    /// The numbers of a gap line.
    package var gap: ClosedRange<Int64>?

    /// The last number that the line accounts for.
    package var lastSeq: Int64? { gap?.upperBound ?? seq }
    /// The first number that the line accounts for.
    package var firstSeq: Int64? { gap?.lowerBound ?? seq }

    /// - Parameter line: without its newline. Returns nil for what is no JSON object.
    package init?(_ line: ArraySlice<UInt8>) {
        // The parser forgives a byte order mark, which services write and this journal never does.
        guard line.first != 0xEF else { return nil }
        let object: JSONValue
        do throws(JSONError) { object = try JSONValue(parsing: line) } catch { return nil }
        guard object.members != nil else { return nil }
        seq = object["seq"]?.integer
        journal = object["journal"]?.text
        let event = object["event"]?.text
        let from = object["from"]?.integer
        let to = object["to"]?.integer
        // A negative or reversed one comes from no hand of ours, and would trap in a range.
        if event == "gap", let from, let to, 0 <= from, from <= to { gap = from...to }
        // Ours begin with 1.
        if let seq, seq < 1 { self.seq = nil }
    }
}
