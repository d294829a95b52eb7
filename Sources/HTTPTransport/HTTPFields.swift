import Glibc

/// The header fields of a response, in the order received: the bytes as they came, in one piece.
///
/// A response has a dozen of them, of which two or three are asked for; only those become strings, when they are.
package struct HTTPFields: Sendable {
    /// `name:value\n` for each.
    private var bytes: [UInt8] = []

    package init() {}

    package init(_ fields: [(name: String, value: String)]) {
        for (name, value) in fields {
            let name = name.utf8.filter { $0 != Self.lineEnd }
            let value = value.utf8.filter { $0 != Self.lineEnd }
            name.withUnsafeBytes { name in value.withUnsafeBytes { append(name, $0) } }
        }
    }

    /// Behind all others. Neither part holds a line end, nor the name a colon.
    package mutating func append(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        if bytes.isEmpty { bytes.reserveCapacity(512) }
        bytes.append(contentsOf: name)
        bytes.append(Self.colon)
        bytes.append(contentsOf: value)
        bytes.append(Self.lineEnd)
    }

    /// Continues the last field's value, which a folded line does; nothing where there is no field.
    package mutating func continueLast(_ value: UnsafeRawBufferPointer) {
        guard bytes.popLast() != nil else { return }
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: value)
        bytes.append(Self.lineEnd)
    }

    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// The value of the first field of that name, compared without regard to case.
    package subscript(_ name: String) -> String? {
        var name = name
        return name.withUTF8 { name in
            bytes.withUnsafeBytes { bytes in
                var start = 0
                while let end = Self.end(of: start, in: bytes) {
                    let colon = start + name.count
                    if colon < end, bytes[colon] == Self.colon, Self.isSame(name, bytes, at: start) {
                        return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[colon + 1..<end]), as: UTF8.self)
                    }
                    start = end + 1
                }
                return nil
            }
        }
    }

    /// All of them as text.
    package var all: [(name: String, value: String)] {
        bytes.split(separator: Self.lineEnd).map { line in
            let parts = line.split(separator: Self.colon, maxSplits: 1, omittingEmptySubsequences: false)
            return (String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self))
        }
    }

    private static let colon = UInt8(ascii: ":")
    private static let lineEnd = UInt8(ascii: "\n")

    private static func end(of start: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, Int32(lineEnd), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    private static func isSame(_ name: UnsafeBufferPointer<UInt8>, _ bytes: UnsafeRawBufferPointer, at start: Int) -> Bool {
        for index in name.indices where name[index] != bytes[start + index] && name[index].lowercase != bytes[start + index].lowercase {
            return false
        }
        return true
    }
}

extension UInt8 {
    /// Header names are ASCII, and their case means nothing.
    var lowercase: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self }
}
