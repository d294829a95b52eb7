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
            if byte == UInt8(ascii: ":"), bytes[index...].starts(with: "://".utf8) { isInURL = true }
            kept.append(byte)
            index += 1
        }
        return String(decoding: kept, as: UTF8.self)
    }

    /// The path of a blob as it may be kept: everything before the first `?` or `;`.
    package static func withoutSecrets(path: String) -> String {
        String(path.prefix { $0 != "?" && $0 != ";" })
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
                    JSONMember(member.key, namesSecret(member.key) && !member.value.isNull ? .string(Secret.redacted) : scrub(member.value))
                })
        }
    }

    private static func namesSecret(_ key: String) -> Bool {
        let key = key.lowercased()
        return ["authorization", "token", "secret", "password", "accountkey", "connectionstring", "sas"].contains {
            key.hasSuffix($0) || key.hasPrefix($0)
        }
    }

    private static func mayHoldSecret(_ bytes: [UInt8]) -> Bool {
        // One pass over the bytes of which each rule needs one: most texts have none and are returned as they are.
        bytes.contains { "?;=%.".utf8.contains($0) }
    }

    private static func isCut(_ bytes: [UInt8], at index: Int) -> Bool {
        if bytes[index] == UInt8(ascii: "?") { return true }
        return bytes[index] == UInt8(ascii: ";") && index + 1 < bytes.count && !endsURL(bytes[index + 1])
    }

    /// The length of `sig=` at that place, in any case and with its `=` percent-encoded or not.
    private static func signatureNameLength(_ bytes: [UInt8], at index: Int) -> Int? {
        guard bytes[index] | 0x20 == UInt8(ascii: "s") else { return nil }
        for name in ["sig=", "sig%3d"] {
            let name = Array(name.utf8)
            if index + name.count <= bytes.count, zip(bytes[index..<index + name.count], name).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 }) {
                return name.count
            }
        }
        return nil
    }

    /// Whether a JSON Web Token may begin here: the Base64 of `{"`, at the start of a word.
    private static func startsJWT(_ bytes: [UInt8], at index: Int) -> Bool {
        bytes[index] == UInt8(ascii: "e") && bytes[index...].starts(with: "eyJ".utf8) && (index == 0 || !isTokenByte(bytes[index - 1]))
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
