/// Whether a file may stand between others in one blob: looked at before it does, by its structure alone.
///
/// What is refused here is no bad file: it travels alone, and the service judges it. What is let through must not change how the files around it are read:
/// a quote that is left open would swallow the next file, a missing newline would join two records, a byte-order mark is only one at a blob's beginning.
package struct SegmentStructure: Sendable, Hashable {
    /// Why a file travels alone. The raw value is the journal's code.
    package enum Flaw: String, Error, Sendable, Hashable, CaseIterable {
        case compressed
        case byteOrderMark = "byte_order_mark"
        case notUTF8 = "not_utf8"
        case noFinalNewline = "no_final_newline"
        case openQuote = "open_quote"
        case unbalanced
        case notObjects = "not_objects"
        case otherHeader = "other_header"
        case noRecords = "no_records"

        /// A sentence for the journal.
        package var explanation: String {
            switch self {
            case .compressed: "It is compressed."
            case .byteOrderMark: "It begins with a byte-order mark, which is one only at the beginning of a blob."
            case .notUTF8: "It is not UTF-8."
            case .noFinalNewline: "Its last record does not end with a newline."
            case .openQuote: "A quote in it is not closed."
            case .unbalanced: "A JSON value in it is not complete."
            case .notObjects: "It does not consist of JSON objects; an array cannot be joined with anything."
            case .otherHeader: "Its header is not that of the other files."
            case .noRecords: "There is no record in it."
            }
        }
    }

    /// Bytes at its beginning that are not to be sent: the header, where the route has one.
    package var skipped: Int

    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - header: that of the files before, nil for the first; what the first has is the one for all. Not asked for where the route has none.
    package init(
        of bytes: UnsafeRawBufferPointer, joining: Joining, hasHeader: Bool, header: inout [UInt8]?
    ) throws(Flaw) {
        skipped = 0
        if bytes.starts(with: [0x1F, 0x8B]) || bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { throw .compressed }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw .byteOrderMark }
        // A newline that a backslash takes back ends no record of tsve.
        guard bytes.last == Self.newline, bytes.dropLast().last != UInt8(ascii: "\\") else { throw .noFinalNewline }
        if !Self.isASCII(bytes), !Self.isUTF8(bytes) { throw .notUTF8 }
        switch joining {
        case .lines: break
        case .records(let separator): try Self.checkQuotes(bytes, separator)
        case .jsonLines: try Self.checkBalance(bytes, objectsOnly: false)
        case .jsonValues: try Self.checkBalance(bytes, objectsOnly: true)
        }
        if hasHeader {
            skipped = try Self.header(bytes, joining)
            if let header {
                guard bytes[..<skipped].elementsEqual(header) else { throw .otherHeader }
            }
        }
        guard bytes[skipped...].contains(where: { $0 > UInt8(ascii: " ") }) else { throw .noRecords }
        if hasHeader, header == nil { header = Array(bytes[..<skipped]) }
    }

    private static let newline = UInt8(ascii: "\n")
    private static let quote = UInt8(ascii: "\"")

    private static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var bits: UInt64 = 0
        var offset = 0
        while offset + 8 <= bytes.count {
            bits |= bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        var rest: UInt8 = 0
        while offset < bytes.count {
            rest |= bytes[offset]
            offset += 1
        }
        return bits & 0x8080_8080_8080_8080 == 0 && rest & 0x80 == 0
    }

    private static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// Whether no quote is left open, however a reader of such files takes a quote in the midst of a field: as one that opens or closes, or as a letter like
    /// any other. The two differ in `x"y` followed by `"z` in the next record.
    private static func checkQuotes(_ bytes: UnsafeRawBufferPointer, _ separator: UInt8) throws(Flaw) {
        var count = 0
        for byte in bytes where byte == quote { count &+= 1 }
        if count == 0 { return }
        // A quote inside quotes is written twice, so that an even number of them leaves none open.
        if count % 2 != 0 { throw .openQuote }
        var strict = StrictQuotes(separator: separator)
        for byte in bytes { strict.take(byte) }
        if strict.isOpen { throw .openQuote }
    }

    /// Quotes as RFC 4180 has them: only a field's first byte opens.
    private struct StrictQuotes {
        let separator: UInt8
        private var isAtStart = true
        private(set) var isOpen = false
        /// The byte before was a quote inside quotes: it closes, or is the first half of one that is meant.
        private var isClosing = false

        init(separator: UInt8) { self.separator = separator }

        mutating func take(_ byte: UInt8) {
            if isOpen {
                if byte != quote {
                    if isClosing { isOpen = false } else { return }
                } else {
                    isClosing.toggle()
                    return
                }
            } else if isAtStart, byte == quote {
                isOpen = true
                isClosing = false
                return
            }
            isAtStart = byte == separator || byte == newline
        }
    }

    /// The length of the first record, its newline included; a flaw where it depends on how quotes are read.
    private static func header(_ bytes: UnsafeRawBufferPointer, _ joining: Joining) throws(Flaw) -> Int {
        guard case .records(let separator) = joining else { return bytes.firstIndex(of: newline).map { $0 + 1 } ?? bytes.count }
        var isOpen = false
        var strict = StrictQuotes(separator: separator)
        for (index, byte) in bytes.enumerated() {
            strict.take(byte)
            if byte == quote { isOpen.toggle() }
            guard byte == newline else { continue }
            if !isOpen, !strict.isOpen { return index + 1 }
            if isOpen != strict.isOpen { throw .openQuote }
        }
        return bytes.count
    }

    /// Brackets and quotes of JSON text; nothing else of it is looked at.
    private static func checkBalance(_ bytes: UnsafeRawBufferPointer, objectsOnly: Bool) throws(Flaw) {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == quote {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): continue
            case newline:
                // A value of a line ends with it.
                if !objectsOnly, depth != 0 { throw .unbalanced }
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "["):
                if objectsOnly, depth == 0 { throw .notObjects }
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 0 { throw .unbalanced }
            default:
                if objectsOnly, depth == 0 { throw .notObjects }
                if byte == quote { isInString = true }
            }
        }
        if depth != 0 || isInString { throw .unbalanced }
    }
}
