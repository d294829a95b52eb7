/// Reads separated values: RFC 4180 with any separator, or backslash escapes in the place of quotes (tsve).
struct DelimitedText: Sendable {
    let separator: UInt8
    var escapes = false

    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// The records, blank lines left out. All must have as many fields as the first.
    func records(_ bytes: [UInt8]) throws(IngestionFailure) -> [[String]] {
        var records: [[String]] = []
        var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while position < bytes.count {
            if let next = Self.blankLine(bytes, position) {
                position = next
                continue
            }
            let record = try record(bytes, &position)
            if let first = records.first, first.count != record.count {
                let text = "Record \(records.count + 1) has \(record.count) fields where \(first.count) were expected."
                throw IngestionFailure("Stream_WrongNumberOfFields", "The stream has a malformed format. \(text)")
            }
            records.append(record)
        }
        return records
    }

    private static func blankLine(_ bytes: [UInt8], _ position: Int) -> Int? {
        if bytes[position] == newline { return position + 1 }
        if bytes[position] == carriageReturn, position + 1 < bytes.count, bytes[position + 1] == newline { return position + 2 }
        return nil
    }

    private func record(_ bytes: [UInt8], _ position: inout Int) throws(IngestionFailure) -> [String] {
        var fields: [String] = []
        while true {
            let isQuoted = !escapes && position < bytes.count && bytes[position] == Self.quote
            fields.append(isQuoted ? try quoted(bytes, &position) : escapes ? escaped(bytes, &position) : plain(bytes, &position))
            guard position < bytes.count else { return fields }
            let byte = bytes[position]
            position += 1
            if byte == separator { continue }
            if byte == Self.carriageReturn, position < bytes.count, bytes[position] == Self.newline { position += 1 }
            return fields
        }
    }

    private func ends(_ bytes: [UInt8], _ position: Int) -> Bool {
        let byte = bytes[position]
        if byte == separator || byte == Self.newline { return true }
        return byte == Self.carriageReturn && position + 1 < bytes.count && bytes[position + 1] == Self.newline
    }

    private func plain(_ bytes: [UInt8], _ position: inout Int) -> String {
        let start = position
        while position < bytes.count, !ends(bytes, position) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private func quoted(_ bytes: [UInt8], _ position: inout Int) throws(IngestionFailure) -> String {
        var text: [UInt8] = []
        position += 1
        while position < bytes.count {
            guard bytes[position] == Self.quote else {
                text.append(bytes[position])
                position += 1
                continue
            }
            position += 1
            guard position < bytes.count, bytes[position] == Self.quote else {
                // What stands between a closing quote and the separator is kept, as lenient readers do.
                while position < bytes.count, !ends(bytes, position) {
                    text.append(bytes[position])
                    position += 1
                }
                return String(decoding: text, as: UTF8.self)
            }
            text.append(Self.quote)
            position += 1
        }
        throw IngestionFailure("Stream_ClosingQuoteMissing", "The stream has a malformed CSV format: a closing quote is missing.")
    }

    private func escaped(_ bytes: [UInt8], _ position: inout Int) -> String {
        var text: [UInt8] = []
        while position < bytes.count, !ends(bytes, position) {
            var byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\\"), position < bytes.count {
                byte = bytes[position]
                position += 1
                switch byte {
                case UInt8(ascii: "t"): byte = 0x09
                case UInt8(ascii: "n"): byte = 0x0A
                case UInt8(ascii: "r"): byte = 0x0D
                default: break
                }
            }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Reads lines.
enum PlainText {
    /// The lines that are not empty.
    static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
        }
    }
}
