import SpoolPrimitives

/// A blob's name inside its container: up to 1024 characters, in which `/` separates segments.
package struct BlobName: Sendable, Hashable, CustomStringConvertible {
    /// As people write it, not encoded.
    package let text: String
    /// Whether there is nothing in it to encode.
    private let isUnreserved: Bool

    /// Nil for what the service refuses or what a URL on the way would change: empty, too long, more than 254 segments, a segment that is
    /// empty or `.` or `..`, a dot or slash at the end, control characters.
    package init?(_ text: String) {
        if Self.isPlain(text) {
            self.text = text
            isUnreserved = true
            return
        }
        isUnreserved = false
        let segments = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...1024).contains(text.unicodeScalars.count), segments.count <= 254,
            segments.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }), !text.hasSuffix("."),
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { return nil }
        self.text = text
    }

    /// The path behind the container's, each segment percent-encoded.
    package var encodedPath: String {
        isUnreserved ? text : text.split(separator: "/").map { PercentEncoding.encode($0.utf8) }.joined(separator: "/")
    }

    /// Whether a name is made as ours are, which every file has one of: unreserved characters of ASCII in segments that neither begin nor end with a dot.
    /// What may be fine but is not plain is looked at more closely.
    private static func isPlain(_ text: String) -> Bool {
        var previous = UInt8(ascii: "/")
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
                break
            case UInt8(ascii: "."), UInt8(ascii: "/"):
                if previous == UInt8(ascii: ".") || previous == UInt8(ascii: "/") { return false }
            default: return false
            }
            previous = byte
        }
        return (1...254).contains(text.utf8.count) && previous != UInt8(ascii: "/") && previous != UInt8(ascii: ".")
    }

    package var description: String { text }
}
