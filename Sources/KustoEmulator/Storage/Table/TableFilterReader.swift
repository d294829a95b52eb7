/// Reads OData's `$filter`.
///
/// Source: the REST reference's page on querying tables; more than 15 comparisons are refused, as there.
struct TableFilterReader {
    private let text: [UInt8]
    private var position = 0
    private var comparisons = 0

    static let maximumComparisons = 15

    static func read(_ text: String) throws(StorageError) -> TableFilter {
        var reader = TableFilterReader(text: Array(text.utf8))
        let filter = try reader.disjunction(depth: 0)
        reader.skipSpace()
        guard reader.position == reader.text.count, reader.comparisons <= maximumComparisons else { throw .invalidInput }
        return filter
    }

    private init(text: [UInt8]) { self.text = text }

    private mutating func disjunction(depth: Int) throws(StorageError) -> TableFilter {
        var filter = try conjunction(depth: depth)
        while word("or") { filter = .or(filter, try conjunction(depth: depth)) }
        return filter
    }

    private mutating func conjunction(depth: Int) throws(StorageError) -> TableFilter {
        var filter = try term(depth: depth)
        while word("and") { filter = .and(filter, try term(depth: depth)) }
        return filter
    }

    private mutating func term(depth: Int) throws(StorageError) -> TableFilter {
        guard depth < 20 else { throw .invalidInput }
        if word("not") { return .not(try term(depth: depth + 1)) }
        skipSpace()
        if take("(") {
            let filter = try disjunction(depth: depth + 1)
            skipSpace()
            guard take(")") else { throw .invalidInput }
            return filter
        }
        let name = identifier()
        guard !name.isEmpty, let comparison = TableFilter.Comparison(rawValue: identifier()) else { throw .invalidInput }
        comparisons += 1
        return .compare(name, comparison, try constant())
    }

    private mutating func constant() throws(StorageError) -> TableValue {
        skipSpace()
        if position < text.count, text[position] == UInt8(ascii: "'") { return .text(try quoted()) }
        let start = position
        while position < text.count, !" )'".utf8.contains(text[position]) { position += 1 }
        let literal = String(decoding: text[start..<position], as: UTF8.self)
        if position < text.count, text[position] == UInt8(ascii: "'") {
            let inside = JSON.string(try quoted())
            let types = ["datetime": "Edm.DateTime", "guid": "Edm.Guid", "binary": "Edm.Binary", "X": "Edm.Binary"]
            guard let type = types[literal], let value = try TableValue(inside, type: type) else { throw .invalidInput }
            return value
        }
        if let flag = ["true": true, "false": false][literal] { return .flag(flag) }
        if literal.hasSuffix("L"), let number = Int64(literal.dropLast()) { return .int64(number) }
        if let number = Int32(literal) { return .int32(number) }
        guard let number = Double(literal) else { throw .invalidInput }
        return .real(number)
    }

    /// A text in single quotes, in which two of them stand for one.
    private mutating func quoted() throws(StorageError) -> String {
        position += 1
        var bytes: [UInt8] = []
        while position < text.count {
            let byte = text[position]
            position += 1
            guard byte == UInt8(ascii: "'") else {
                bytes.append(byte)
                continue
            }
            guard position < text.count, text[position] == UInt8(ascii: "'") else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
            position += 1
        }
        throw .invalidInput
    }

    private mutating func identifier() -> String {
        skipSpace()
        let start = position
        while position < text.count, Self.isNamePart(text[position]) { position += 1 }
        return String(decoding: text[start..<position], as: UTF8.self)
    }

    /// Takes a whole word, or nothing.
    private mutating func word(_ word: String) -> Bool {
        let start = position
        if identifier() == word { return true }
        position = start
        return false
    }

    private mutating func take(_ character: Character) -> Bool {
        guard position < text.count, text[position] == character.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < text.count, text[position] == UInt8(ascii: " ") { position += 1 }
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "_"), 0x80...: true
        default: false
        }
    }
}
