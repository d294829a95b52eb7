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
        var scanner = JSONScanner(line)
        var event: String?
        var from: Int64?
        var to: Int64?
        let isObject = scanner.topLevelObject { name, value in
            switch (name, value) {
            case ("seq", .integer(let number)): seq = number
            case ("from", .integer(let number)): from = number
            case ("to", .integer(let number)): to = number
            case ("journal", .text(let text)): journal = text
            case ("event", .text(let text)): event = text
            default: break
            }
        }
        guard isObject else { return nil }
        // A negative or reversed one comes from no hand of ours, and would trap in a range.
        if event == "gap", let from, let to, 0 <= from, from <= to { gap = from...to }
        if let seq, seq < 0 { self.seq = nil }
    }
}
