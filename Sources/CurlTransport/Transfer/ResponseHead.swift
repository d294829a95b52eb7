import HTTPTransport

/// The status and header lines of a response, as libcurl hands them over: one line a call.
struct ResponseHead {
    /// Of the latest response: a `100 Continue` is replaced by what follows it.
    private(set) var status: Int?
    private(set) var fields = HTTPFields()
    private var isComplete = false
    private var size = 0

    /// All lines of a response together: far above what services send, far below what would hurt.
    static let largest = 256 << 10

    /// - Parameter line: with its line end.
    /// - Returns: false when the head is too large.
    mutating func append(_ line: UnsafeRawBufferPointer) -> Bool {
        size += line.count
        if size > Self.largest { return false }
        let text = Self.trimmed(line, 0..<line.count) { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        if text.starts(with: "HTTP/".utf8) {
            status = Self.status(in: text)
            fields.removeAll()
            isComplete = false
        } else if text.isEmpty {
            isComplete = true
        } else if !isComplete {
            appendField(text)
        }
        // What follows the empty line and is no status line is a trailer of a chunked body, of which we read none.
        return true
    }

    private mutating func appendField(_ line: UnsafeRawBufferPointer) {
        if Self.isBlank(line[0]) {
            // A folded line continues the field before it (RFC 9112 §5.2).
            fields.continueLast(Self.value(of: line, from: 0))
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        fields.append(Self.trimmed(line, 0..<colon, Self.isBlank), Self.value(of: line, from: colon + 1))
    }

    /// The number behind the first space: `HTTP/1.1 201 Created`. The reason phrase may be anything, and is ignored.
    private static func status(in line: UnsafeRawBufferPointer) -> Int? {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        return Int(String(decoding: line[(space + 1)...].prefix(3), as: UTF8.self))
    }

    private static func value(of line: UnsafeRawBufferPointer, from start: Int) -> UnsafeRawBufferPointer {
        let first = line[start...].firstIndex { !isBlank($0) } ?? line.endIndex
        return trimmed(line, first..<line.count, isBlank)
    }

    /// A part of a line without what is at its end.
    private static func trimmed(_ line: UnsafeRawBufferPointer, _ part: Range<Int>, _ isTrimmed: (UInt8) -> Bool) -> UnsafeRawBufferPointer
    {
        var end = part.upperBound
        while end > part.lowerBound, isTrimmed(line[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: line[part.lowerBound..<end])
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
