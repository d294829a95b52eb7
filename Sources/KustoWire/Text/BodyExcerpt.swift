/// The beginning of a reply that could not be understood, fit to be logged.
enum BodyExcerpt {
    private static let characters = 200
    private static let longestToken = 48

    /// At most 200 printable characters, in one line, without secrets.
    ///
    /// Of a reply with rows only what stands before them: rows of `.get ingestion resources` are signatures, those of `.get kusto identity token` a token.
    static func of(_ body: [UInt8]) -> String {
        // Four times the length is looked at, for scrubbing shortens; the cut falls before the scrubbing, so that nothing behind it is needed.
        var text = printable(String(decoding: body.prefix(characters * 4), as: UTF8.self))
        if let rows = text.firstRange(of: "\"Rows\"") { text = String(text[..<rows.lowerBound]) + "\"Rows\"…" }
        return String(withoutLongTokens(SecretScrubber.scrub(text)).prefix(characters))
    }

    /// In one line, without control characters; before anything is looked for in it, since one of them may stand in the middle of what is.
    private static func printable(_ text: String) -> String {
        var line = ""
        for character in text {
            if character.isWhitespace {
                if line.last != " " { line.append(" ") }
            } else if !character.unicodeScalars.contains(where: { $0.properties.generalCategory == .control || $0 == "\u{FEFF}" }) {
                line.append(character)
            }
        }
        return line
    }

    /// The text without unbroken runs that only a key or token has.
    private static func withoutLongTokens(_ text: String) -> String {
        var kept = ""
        var run = ""
        func flush() {
            kept += run.utf8.count >= longestToken ? "<redacted>" : run
            run = ""
        }
        for character in text {
            if character.isASCII, character.isLetter || character.isNumber || "+/=_-".contains(character) {
                run.append(character)
            } else {
                flush()
                kept.append(character)
            }
        }
        flush()
        return kept
    }
}
