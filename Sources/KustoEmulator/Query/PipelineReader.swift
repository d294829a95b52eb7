/// Reads the operators behind a command from their text.
struct PipelineReader {
    private let characters: [Character]
    private let now: Moment
    private var position = 0

    static func read(_ text: Substring, now: Moment) throws(OneAPIError) -> Pipeline {
        var reader = PipelineReader(characters: Array(text), now: now)
        var pipeline = Pipeline()
        while reader.take("|") { pipeline.steps.append(try reader.step()) }
        reader.skipSpace()
        guard reader.position == reader.characters.count else { throw reader.unexpected() }
        return pipeline
    }

    private init(characters: [Character], now: Moment) {
        self.characters = characters
        self.now = now
    }

    private mutating func step() throws(OneAPIError) -> Pipeline.Step {
        switch word() {
        case "where": return .filter(try disjunction())
        case "count": return .count
        case "take", "limit":
            guard let count = Int(word()), count >= 0 else { throw .syntax("a number was expected behind take") }
            return .take(count)
        case "project":
            var names = [try name()]
            while take(",") { names.append(try name()) }
            return .project(names)
        default: throw .syntax("the emulator understands where, take, project and count behind a command")
        }
    }

    private mutating func disjunction() throws(OneAPIError) -> Pipeline.Predicate {
        var predicate = try conjunction()
        while takeWord("or") { predicate = .or(predicate, try conjunction()) }
        return predicate
    }

    private mutating func conjunction() throws(OneAPIError) -> Pipeline.Predicate {
        var predicate = try comparison()
        while takeWord("and") { predicate = .and(predicate, try comparison()) }
        return predicate
    }

    private mutating func comparison() throws(OneAPIError) -> Pipeline.Predicate {
        if take("(") {
            let predicate = try disjunction()
            guard take(")") else { throw unexpected() }
            return predicate
        }
        let name = try name()
        skipSpace()
        let symbols = characters[position...].prefix { "=!<>~".contains($0) }
        position += symbols.count
        guard let comparison = Pipeline.Comparison(rawValue: symbols.isEmpty ? word() : String(symbols)) else { throw unexpected() }
        guard comparison == .within else { return .compare(name, comparison, [try literal()]) }
        guard take("(") else { throw unexpected() }
        var values = [try literal()]
        while take(",") { values.append(try literal()) }
        guard take(")") else { throw unexpected() }
        return .compare(name, comparison, values)
    }

    /// A text, a number, `true`, or one of `guid(…)`, `datetime(…)`, `ago(…)`.
    private mutating func literal() throws(OneAPIError) -> String {
        skipSpace()
        let isVerbatim = position + 1 < characters.count && characters[position] == "@"
        if isVerbatim { position += 1 }
        if position < characters.count, "'\"".contains(characters[position]) { return try quoted(isVerbatim: isVerbatim) }
        let word = word()
        guard ["guid", "datetime", "ago"].contains(word), take("(") else {
            guard !word.isEmpty else { throw unexpected() }
            return word
        }
        let inside = characters[position...].prefix { $0 != ")" }
        position += inside.count
        guard take(")") else { throw unexpected() }
        let text = String(inside.filter { !$0.isWhitespace && $0 != "'" && $0 != "\"" })
        guard word == "ago" else { return word == "guid" ? text.lowercased() : text }
        let units: [Character: Int] = ["d": 86_400, "h": 3600, "m": 60, "s": 1]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int(text.dropLast()) else { throw unexpected() }
        return (now - .seconds(number * unit)).roundTripText
    }

    private mutating func quoted(isVerbatim: Bool) throws(OneAPIError) -> String {
        let quote = characters[position]
        position += 1
        var text = ""
        while position < characters.count {
            let character = characters[position]
            position += 1
            if character == quote {
                // In a verbatim text two quotes stand for one.
                guard isVerbatim, position < characters.count, characters[position] == quote else { return text }
                position += 1
            } else if character == "\\", !isVerbatim, position < characters.count {
                text.append(["n": "\n", "t": "\t", "r": "\r"][characters[position]] ?? characters[position])
                position += 1
                continue
            }
            text.append(character)
        }
        throw .syntax("a text is not closed")
    }

    private mutating func name() throws(OneAPIError) -> String {
        let name = word()
        guard !name.isEmpty else { throw unexpected() }
        return name
    }

    private mutating func word() -> String {
        skipSpace()
        let word = characters[position...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        position += word.count
        return String(word)
    }

    private mutating func takeWord(_ wanted: String) -> Bool {
        let start = position
        if word() == wanted { return true }
        position = start
        return false
    }

    private mutating func take(_ wanted: Character) -> Bool {
        skipSpace()
        guard position < characters.count, characters[position] == wanted else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < characters.count, characters[position].isWhitespace { position += 1 }
    }

    private func unexpected() -> OneAPIError {
        .syntax("the query could not be understood at '\(String(characters[position...].prefix(20)))'")
    }
}
