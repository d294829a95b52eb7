/// Finds what must not be seen, without the code that takes it out.
package enum Signatures {
    /// Whether a value stands behind a `sig=`, in any case, that is not redacted.
    package static func areShown(in text: String) -> Bool {
        let bytes = Array(text.utf8)
        let mark = Array("sig=".utf8)
        let redacted = Array("<redacted>".utf8)
        guard bytes.count >= mark.count else { return false }
        for start in 0...bytes.count - mark.count {
            guard zip(bytes[start...], mark).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 && $1 != UInt8(ascii: "=") }) else { continue }
            let value = bytes[(start + mark.count)...]
            if value.starts(with: redacted) { continue }
            // The alphabet of a signature; anything else ends it.
            if let first = value.first, isOfSignature(first) { return true }
        }
        return false
    }

    private static func isOfSignature(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "%"):
            true
        default: false
        }
    }
}
