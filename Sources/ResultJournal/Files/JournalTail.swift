import SpoolPrimitives

/// What the end of a journal's file says, found with bounded reads.
struct JournalTail: Equatable {
    /// The length of its whole lines: what is behind it was torn by a crash.
    var wholeLength: Int64
    /// The last line that is one of ours.
    var last: LineFields?
    /// Nil where any journal's line is ours.
    private let journal: String?

    private static let window = 2 * JournalFormat.maximumLineLength

    /// Looks at the end first: the last whole line is nearly always one of ours. A file damaged there is read as a whole, in windows.
    ///
    /// - Parameter journal: whose lines count; nil for anybody's.
    init(of file: Descriptor, size: Int64, path: String, journal: String?) throws(JournalError) {
        self.journal = journal
        let start = max(0, size - Int64(Self.window))
        let bytes = try file.read(Int(size - start), at: start, path: path)
        if let newline = bytes.lastIndex(of: UInt8(ascii: "\n")) {
            wholeLength = start + Int64(newline) + 1
            var end = newline
            while true {
                let begin = bytes[..<end].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
                if begin == nil, start > 0 { break }
                if let fields = LineFields(bytes[(begin ?? 0)..<end]), isOurs(fields) {
                    last = fields
                    return
                }
                guard let begin, begin > 0 else { return }
                end = begin - 1
            }
        } else {
            wholeLength = 0
            if start == 0 { return }
        }
        try scanForward(file, size: size, path: path)
    }

    /// The first line of ours, for a file's name; nil where there is none at the beginning.
    static func first(of file: Descriptor, path: String) throws(JournalError) -> LineFields? {
        var lines = LineSplitter(maximumLength: JournalFormat.maximumLineLength)
        var offset: Int64 = 0
        // Where the first MiB holds nothing of ours, the file is not named by what may come later.
        while offset < Int64(JournalFormat.maximumLineLength) {
            let bytes = try file.read(64 << 10, at: offset, path: path)
            if bytes.isEmpty { return nil }
            offset += Int64(bytes.count)
            for line in lines.split(bytes) {
                if case .line(let line) = line, let fields = LineFields(line), fields.firstSeq != nil { return fields }
            }
        }
        return nil
    }

    /// A line that another hand wrote into the file, or a file of another journal that it put there, must not set our numbers.
    private func isOurs(_ fields: LineFields) -> Bool {
        fields.lastSeq != nil && fields.journal != nil && (journal == nil || fields.journal == journal)
    }

    private mutating func scanForward(_ file: Descriptor, size: Int64, path: String) throws(JournalError) {
        var lines = LineSplitter(maximumLength: JournalFormat.maximumLineLength)
        var offset: Int64 = 0
        while offset < size {
            let bytes = try file.read(256 << 10, at: offset, path: path)
            if bytes.isEmpty { break }
            if let newline = bytes.lastIndex(of: UInt8(ascii: "\n")) { wholeLength = offset + Int64(newline) + 1 }
            offset += Int64(bytes.count)
            for line in lines.split(bytes) {
                if case .line(let line) = line, let fields = LineFields(line), isOurs(fields) { last = fields }
            }
        }
    }
}
