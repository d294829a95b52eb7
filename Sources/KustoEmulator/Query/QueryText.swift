/// The few queries that the emulator understands: `T`, `T | count`, `T | take n` and `T | limit n`, with or without brackets around the name.
struct QueryText: Sendable {
    enum Operation: Sendable {
        case all
        case count
        case take(Int)
    }

    let table: String
    let operation: Operation

    init(_ text: String) throws(OneAPIError) {
        let trimmed = text.trimmingPrefix(while: \.isWhitespace)
        var rest: Substring
        if trimmed.hasPrefix("["), let quote = trimmed.dropFirst().first, "'\"".contains(quote) {
            let inside = trimmed.dropFirst(2)
            guard let end = inside.firstRange(of: "\(quote)]") else { throw .syntax("the bracket around a name is not closed") }
            table = String(inside[..<end.lowerBound])
            rest = inside[end.upperBound...]
        } else {
            let name = trimmed.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            table = String(name)
            rest = trimmed[name.endIndex...]
        }
        guard !table.isEmpty else { throw .syntax("a table's name was expected") }
        while let last = rest.last, last.isWhitespace || last == ";" { rest.removeLast() }
        let words = rest.split(whereSeparator: { $0.isWhitespace })
        switch words.joined(separator: " ").replacing("|", with: "| ").split(separator: " ").map(String.init) {
        case []: operation = .all
        case ["|", "count"]: operation = .count
        case let parts where parts.count == 3 && parts[0] == "|" && ["take", "limit"].contains(parts[1]):
            guard let number = Int(parts[2]), number >= 0 else { throw .syntax("a number was expected behind \(parts[1])") }
            operation = .take(number)
        default: throw .syntax("the emulator understands a table, | count and | take n")
        }
    }
}
