/// Cuts a stream of bytes into lines, keeping an unfinished one for the next piece; memory is bounded by the longest line allowed.
struct LineSplitter {
    enum Line: Equatable {
        /// Without its newline.
        case line(ArraySlice<UInt8>)
        /// A line longer than allowed, dropped; so many bytes with its newline.
        case tooLong(Int)
    }

    private let maximumLength: Int
    private var partial: [UInt8] = []
    /// Of a line that is being dropped.
    private var dropped = 0

    /// - Parameter maximumLength: of a line with its newline.
    init(maximumLength: Int) { self.maximumLength = maximumLength }

    /// How many bytes of an unfinished line are waiting for the rest.
    var partialLength: Int { dropped + partial.count }

    mutating func split(_ bytes: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var rest = bytes[...]
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let end = rest[..<newline]
            if dropped > 0 || partial.count + end.count + 1 > maximumLength {
                lines.append(.tooLong(dropped + partial.count + end.count + 1))
                dropped = 0
                partial = []
            } else if partial.isEmpty {
                lines.append(.line(end))
            } else {
                partial += end
                lines.append(.line(partial[...]))
                partial = []
            }
            rest = rest[(newline + 1)...]
        }
        partial += rest
        if dropped > 0 || partial.count >= maximumLength {
            dropped += partial.count
            partial = []
        }
        return lines
    }
}
