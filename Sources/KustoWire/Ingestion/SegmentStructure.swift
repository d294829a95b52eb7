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
            case .notObjects:
                "It does not consist of JSON objects, or a line of it is not one whole object; an array cannot be joined with anything."
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
        guard bytes.last == Self.newline, Self.lastOfRecord(bytes) != UInt8(ascii: "\\") else { throw .noFinalNewline }
        // UTF-16, or no text at all.
        if bytes.contains(0) { throw .notUTF8 }
        if !Self.isASCII(bytes), !Self.isUTF8(bytes) { throw .notUTF8 }
        switch joining {
        case .lines: break
        case .records(let separator): try Self.checkQuotes(bytes, separator)
        case .jsonLines: if !JSONObjectLines.areAll(of: bytes) { throw .notObjects }
        case .jsonValues: try Self.checkBalance(bytes)
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

    private static func lastOfRecord(_ bytes: UnsafeRawBufferPointer) -> UInt8? {
        let record = bytes.dropLast()
        return record.last == UInt8(ascii: "\r") ? record.dropLast().last : record.last
    }

    /// Whether no quote is left open. Readers differ in what they make of a quote in the midst of a field, or behind a closed one: a file with such a one
    /// travels alone.
    private static func checkQuotes(_ bytes: UnsafeRawBufferPointer, _ separator: UInt8) throws(Flaw) {
        guard bytes.contains(quote) else { return }
        var quotes = Quotes(separator: separator)
        for byte in bytes { quotes.take(byte) }
        if quotes.isOpen || quotes.isIrregular { throw .openQuote }
    }

    /// Quotes as RFC 4180 has them: a field's first byte opens, one before the field's end closes, two of them inside are one.
    private struct Quotes {
        let separator: UInt8
        private var isAtStart = true
        private(set) var isOpen = false
        /// Whether there was a quote where RFC 4180 has none.
        private(set) var isIrregular = false
        /// The byte before was a quote inside quotes: it closes, or is the first half of one that is meant.
        private var isClosing = false

        init(separator: UInt8) { self.separator = separator }

        mutating func take(_ byte: UInt8) {
            let isEnd = byte == separator || byte == newline
            if isOpen, isClosing, byte != quote {
                isOpen = false
                isClosing = false
                if !isEnd, byte != UInt8(ascii: "\r") { isIrregular = true }
            } else if isOpen {
                if byte == quote { isClosing.toggle() }
                return
            } else if byte == quote {
                if isAtStart { isOpen = true } else { isIrregular = true }
            }
            isAtStart = isEnd
        }
    }

    /// The length of the first record, its newline included. What is no plain header is no header that could be left out.
    private static func header(_ bytes: UnsafeRawBufferPointer, _ joining: Joining) throws(Flaw) -> Int {
        var length = bytes.firstIndex(of: newline).map { $0 + 1 } ?? bytes.count
        if case .records(let separator) = joining {
            var quotes = Quotes(separator: separator)
            length = 0
            for byte in bytes {
                quotes.take(byte)
                length += 1
                if byte == newline, !quotes.isOpen { break }
            }
        }
        let header = bytes[..<length]
        // A blank line, which readers pass over; a quote or backslash that means another thing in each of the formats with tabs.
        guard header.contains(where: { $0 > UInt8(ascii: " ") }), !header.contains(UInt8(ascii: "\\")) else { throw .otherHeader }
        // A carriage return that ends it for some readers, who would take what follows for data.
        let end = header.dropLast()
        guard !(end.last == UInt8(ascii: "\r") ? end.dropLast() : end).contains(UInt8(ascii: "\r")) else { throw .otherHeader }
        if joining == .records(separator: UInt8(ascii: "\t")), header.contains(quote) { throw .otherHeader }
        return length
    }

    /// Brackets and quotes of JSON objects; nothing else of them is looked at, for the service refuses the whole where a value is malformed.
    private static func checkBalance(_ bytes: UnsafeRawBufferPointer) throws(Flaw) {
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
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), newline: continue
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "["):
                if depth == 0 { throw .notObjects }
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 0 { throw .unbalanced }
            default:
                if depth == 0 { throw .notObjects }
                if byte == quote { isInString = true }
            }
        }
        if depth != 0 || isInString { throw .unbalanced }
    }
}
