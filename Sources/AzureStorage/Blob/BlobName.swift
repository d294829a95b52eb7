import SpoolPrimitives

/// A blob's name inside its container: up to 1024 characters, in which `/` separates segments.
package struct BlobName: Sendable, Hashable, CustomStringConvertible {
    /// As people write it, not encoded.
    package let text: String

    /// Nil for what the service refuses or what a URL on the way would change: empty, too long, more than 254 segments, a segment that is
    /// empty or `.` or `..`, a dot or slash at the end, control characters.
    package init?(_ text: String) {
        let segments = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...1024).contains(text.unicodeScalars.count), segments.count <= 254,
            segments.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }), !text.hasSuffix("."),
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { return nil }
        self.text = text
    }

    /// The path behind the container's, each segment percent-encoded.
    package var encodedPath: String { text.split(separator: "/").map { PercentEncoding.encode($0.utf8) }.joined(separator: "/") }

    package var description: String { text }
}
