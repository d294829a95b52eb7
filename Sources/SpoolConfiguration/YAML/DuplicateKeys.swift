import Yams

/// Finds and blanks the repetition of a key, of which Yams gives only the first place.
enum DuplicateKeys {
    struct Place {
        var line: Int
        var column: Int
        var length: Int
    }

    /// The next place after `mark` where the key stands in the same map; nil where that cannot be told by the look of the text.
    static func second(of name: String, after mark: Mark, in text: String) -> Place? {
        // By scalars: a carriage return and a newline are one character to Swift, which is not equal to a newline.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
        let key = Array(name.unicodeScalars)
        guard !key.isEmpty, mark.line >= 1, mark.line <= lines.count else { return nil }
        // In flow style the repetition may stand in the same line, behind a comma.
        let rest = lines[mark.line - 1]
        var column = mark.column + key.count
        while column + key.count <= rest.count + 1 {
            if isKey(key, in: rest, at: column), let before = lastVisible(rest, before: column), before == "," {
                return Place(line: mark.line, column: column, length: key.count)
            }
            column += 1
        }
        // In block style it stands in the same column, before anything stands further left.
        for number in lines.indices.dropFirst(mark.line) {
            let line = lines[number]
            guard let indentation = line.firstIndex(where: { $0 != " " }), line[indentation] != "#" else { continue }
            if indentation < mark.column - 1 { return nil }
            guard indentation == mark.column - 1 else { continue }
            let start = line[indentation] == "\"" || line[indentation] == "'" ? indentation + 1 : indentation
            if isKey(key, in: line, at: start + 1) { return Place(line: number + 1, column: start + 1, length: key.count) }
        }
        return nil
    }

    /// The text with the key replaced by as many scalars of the private use area, so that no place behind it moves.
    static func blanking(_ place: Place, in text: String, number: Int) -> String {
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
        let mark = Unicode.Scalar(0xE000 + UInt32(number)) ?? "\u{E000}"
        for index in place.column - 1..<place.column - 1 + place.length { lines[place.line - 1][index] = mark }
        return String(String.UnicodeScalarView(lines.joined(separator: ["\n"])))
    }

    static func isBlanked(_ key: String) -> Bool {
        guard let first = key.unicodeScalars.first else { return false }
        return (0xE000..<0xE100).contains(first.value)
    }

    /// Whether the key stands at that column, with a colon behind it.
    private static func isKey(_ key: [Unicode.Scalar], in line: [Unicode.Scalar], at column: Int) -> Bool {
        let start = column - 1
        guard start >= 0, start + key.count <= line.count, Array(line[start..<start + key.count]) == key else { return false }
        let behind = line[(start + key.count)...].drop { $0 == "\"" || $0 == "'" || $0 == " " }
        return behind.first == ":"
    }

    private static func lastVisible(_ line: [Unicode.Scalar], before column: Int) -> Unicode.Scalar? {
        line[..<(column - 1)].last { $0 != " " && $0 != "\"" && $0 != "'" }
    }
}
