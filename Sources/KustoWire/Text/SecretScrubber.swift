package import SpoolPrimitives

/// Takes the secrets out of text that somebody else wrote: an error's message, a notification, a body that is no JSON.
///
/// Every URL in it ends at its `?`, or at a `;` that begins a connection string's suffix; values after `sig=` and tokens that look like a JWT
/// go wherever they stand. Source: the SDKs cut at `?` and `;` before they log (reference: kusto-queued-ingestion §7.1, §10.23).
package enum SecretScrubber {
    /// The text with `<redacted>` in place of what was cut.
    package static func scrub(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard mayHoldSecret(bytes) else { return text }
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        var index = 0
        var isInURL = false
        while index < bytes.count {
            let byte = bytes[index]
            if isInURL, isCut(bytes, at: index) {
                kept.append(byte)
                index = redact(from: index + 1, in: bytes, into: &kept, upTo: endsURL)
                isInURL = false
                continue
            }
            if let length = signatureNameLength(bytes, at: index) {
                kept.append(contentsOf: bytes[index..<index + length])
                index = redact(from: index + length, in: bytes, into: &kept) { endsURL($0) || $0 == UInt8(ascii: "&") }
                continue
            }
            if startsJWT(bytes, at: index) {
                index = redact(from: index, in: bytes, into: &kept) { !isTokenByte($0) }
                continue
            }
            if endsURL(byte) { isInURL = false }
            if byte == UInt8(ascii: ":"), follows("//", bytes, after: index) { isInURL = true }
            kept.append(byte)
            index += 1
        }
        return String(decoding: kept, as: UTF8.self)
    }

    /// The path of a blob as it may be kept: everything before the first `?` or `;`, scrubbed in case neither stands where it should.
    package static func withoutSecrets(path: String) -> String {
        scrub(String(decoding: path.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: ";") }, as: UTF8.self))
    }

    /// The value with every string in it scrubbed, and members named for what they hold (`authorizationContext`, tokens, keys, passwords) blanked.
    package static func scrub(_ json: JSONValue) -> JSONValue {
        switch json {
        case .null, .bool, .number: return json
        case .string(let text): return .string(scrub(text))
        case .array(let elements): return .array(elements.map(scrub))
        case .object(let members):
            return .object(
                members.map { member in
                    JSONMember(
                        scrub(member.key), namesSecret(member.key) && !member.value.isNull ? .string(Secret.redacted) : scrub(member.value))
                })
        }
    }

    private static func namesSecret(_ key: String) -> Bool {
        let key = key.lowercased()
        return ["authorization", "token", "secret", "password", "accountkey", "connectionstring", "sas"].contains {
            key.hasSuffix($0) || key.hasPrefix($0)
        }
    }

    /// One quick pass: most texts have nothing that any rule looks for, and are returned as they are.
    private static func mayHoldSecret(_ bytes: [UInt8]) -> Bool {
        var hasURL = false
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: ":"): hasURL = hasURL || follows("//", bytes, after: index)
            case UInt8(ascii: "?"), UInt8(ascii: ";"): if hasURL { return true }
            case UInt8(ascii: "s"), UInt8(ascii: "S"): if signatureNameLength(bytes, at: index) != nil { return true }
            case UInt8(ascii: "e"): if follows("yJ", bytes, after: index) { return true }
            default: break
            }
        }
        return false
    }

    private static func follows(_ text: StaticString, _ bytes: [UInt8], after index: Int) -> Bool {
        guard index + text.utf8CodeUnitCount < bytes.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount where bytes[index + 1 + offset] != text.utf8Start[offset] { return false }
        return true
    }

    private static func isCut(_ bytes: [UInt8], at index: Int) -> Bool {
        if bytes[index] == UInt8(ascii: "?") { return true }
        return bytes[index] == UInt8(ascii: ";") && index + 1 < bytes.count && !endsURL(bytes[index + 1])
    }

    /// The length of `sig=` at that place, in any case and with its `=` percent-encoded or not.
    private static func signatureNameLength(_ bytes: [UInt8], at index: Int) -> Int? {
        guard index + 3 < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "s"), bytes[index + 1] | 0x20 == UInt8(ascii: "i"),
            bytes[index + 2] | 0x20 == UInt8(ascii: "g")
        else { return nil }
        if bytes[index + 3] == UInt8(ascii: "=") { return 4 }
        guard index + 5 < bytes.count, bytes[index + 3] == UInt8(ascii: "%"), bytes[index + 4] == UInt8(ascii: "3"),
            bytes[index + 5] | 0x20 == UInt8(ascii: "d")
        else { return nil }
        return 6
    }

    /// Whether a JSON Web Token may begin here: the Base64 of `{"`, at the start of a word.
    private static func startsJWT(_ bytes: [UInt8], at index: Int) -> Bool {
        bytes[index] == UInt8(ascii: "e") && follows("yJ", bytes, after: index) && (index == 0 || !isTokenByte(bytes[index - 1]))
            && bytes[index...].prefix { isTokenByte($0) }.count >= 20
    }

    private static func redact(from start: Int, in bytes: [UInt8], into kept: inout [UInt8], upTo isEnd: (UInt8) -> Bool) -> Int {
        let end = bytes[start...].firstIndex(where: isEnd) ?? bytes.count
        if end > start { kept.append(contentsOf: Secret.redacted.utf8) }
        return end
    }

    private static func endsURL(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">")
            || byte == UInt8(ascii: "'")
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "=")
    }
}
