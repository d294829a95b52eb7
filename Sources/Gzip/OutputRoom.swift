extension [UInt8] {
    /// Lets a C library write behind the end.
    ///
    /// - Parameters:
    ///   - room: how much the library may write; filled with zeros first, so that it should not be far above what will be written.
    ///   - body: returns how many bytes it wrote.
    mutating func append(room: Int, writtenBy body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        let start = count
        append(contentsOf: repeatElement(0, count: room))
        let written = withUnsafeMutableBufferPointer { body(UnsafeMutableBufferPointer(rebasing: $0[start...])) }
        removeLast(room - written)
    }
}

/// How much output to make room for at a time.
enum OutputRoom {
    private static let least = 4 << 10
    private static let most = 256 << 10

    /// For so much input: about a third of it, which is what text compresses to; a second helping is cheap where it does not.
    static func forInput(_ count: Int) -> Int { Swift.min(most, Swift.max(least, count / 3)) }
}
