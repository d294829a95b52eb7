/// The status and header lines of a response, as libcurl hands them over: one line a call.
struct ResponseHead {
    /// Of the latest response: a `100 Continue` is replaced by what follows it.
    private(set) var status: Int?
    private(set) var fields: [(name: String, value: String)] = []
    private var isComplete = false
    private var size = 0

    /// All lines of a response together: far above what services send, far below what would hurt.
    static let largest = 256 << 10

    /// - Parameter line: with its line end.
    /// - Returns: false when the head is too large.
    mutating func append(_ line: UnsafeRawBufferPointer) -> Bool {
        size += line.count
        if size > Self.largest { return false }
        var text = line[...]
        while let last = text.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { text.removeLast() }
        if text.starts(with: "HTTP/".utf8) {
            status = Self.status(in: text)
            fields = []
            isComplete = false
        } else if text.isEmpty {
            isComplete = true
        } else if !isComplete {
            appendField(text)
        }
        // What follows the empty line and is no status line is a trailer of a chunked body, of which we read none.
        return true
    }

    private mutating func appendField(_ line: Slice<UnsafeRawBufferPointer>) {
        if let first = line.first, Self.isBlank(first) {
            // A folded line continues the field before it (RFC 9112 §5.2).
            guard let last = fields.indices.last else { return }
            fields[last].value += " " + Self.trimmed(line)
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        fields.append((Self.trimmed(line[..<colon]), Self.trimmed(line[line.index(after: colon)...])))
    }

    /// The number behind the first space: `HTTP/1.1 201 Created`. The reason phrase may be anything, and is ignored.
    private static func status(in line: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        return Int(String(decoding: line[line.index(after: space)...].prefix(3), as: UTF8.self))
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        var bytes = bytes
        while let first = bytes.first, isBlank(first) { bytes.removeFirst() }
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
