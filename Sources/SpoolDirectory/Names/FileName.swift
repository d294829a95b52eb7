/// The name of a directory entry: bytes, as the kernel has them.
///
/// A producer may name a file in any encoding or none, with newlines, quotes and percent signs in it: names are compared, stored and given
/// back to the kernel as bytes and only shown as text. Never empty, without NUL and `/`, and neither `.` nor `..`.
package struct FileName: Sendable, Hashable {
    /// The bytes and the NUL that C wants, so that no system call copies a name first.
    private let terminated: [UInt8]

    /// The longest name that Linux's file systems take, in bytes (NAME_MAX).
    package static let maximumLength = 255

    /// Returns nil for what no directory entry can be called.
    package init?(bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, !bytes.contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") }) else { return nil }
        var terminated: [UInt8] = []
        terminated.reserveCapacity(bytes.count + 1)
        terminated.append(contentsOf: bytes)
        if terminated == Array(".".utf8) || terminated == Array("..".utf8) { return nil }
        terminated.append(0)
        self.terminated = terminated
    }

    /// A name of our own, or one that a configuration gives. Returns nil for what no directory entry can be called.
    package init?(_ text: String) { self.init(bytes: Array(text.utf8)) }

    /// For the names that this module itself writes in its source.
    init(literal text: StaticString) {
        terminated = text.withUTF8Buffer { Array($0) } + [0]
    }

    package var bytes: ArraySlice<UInt8> { terminated.dropLast() }

    /// The number of bytes.
    package var length: Int { terminated.count - 1 }

    /// Whether it begins with a dot: such entries are the daemon's own or a producer's unfinished business, and never claimed.
    package var isHidden: Bool { terminated[0] == UInt8(ascii: ".") }

    package func hasSuffix(_ suffix: some Collection<UInt8>) -> Bool {
        length >= suffix.count && terminated.dropLast().suffix(suffix.count).elementsEqual(suffix)
    }

    /// Gives C the name; the pointer is valid during the call only.
    package func withCString<Result, Failure: Error>(
        _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withTerminated(terminated, body)
    }
}

/// Lends NUL-terminated bytes to C.
func withTerminated<Result, Failure: Error>(
    _ bytes: [UInt8], _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
) throws(Failure) -> Result {
    try bytes.withUnsafeBufferPointer { buffer throws(Failure) in
        guard let base = buffer.baseAddress else { preconditionFailure("a C string has at least its NUL") }
        return try body(UnsafeRawPointer(base).assumingMemoryBound(to: CChar.self))
    }
}
