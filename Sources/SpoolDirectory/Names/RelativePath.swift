/// A path below a spool's root, as names; empty for the root itself.
package struct RelativePath: Sendable, Hashable {
    package var components: [FileName]

    package init(_ components: [FileName] = []) { self.components = components }

    /// The spool's root.
    package static let root = RelativePath()

    /// The number of names in it.
    package var depth: Int { components.count }

    package var name: FileName? { components.last }

    /// The directory that it is in; the root's is the root.
    package var parent: RelativePath { RelativePath(Array(components.dropLast())) }

    package func appending(_ name: FileName) -> RelativePath { RelativePath(components + [name]) }

    package func appending(_ path: RelativePath) -> RelativePath { RelativePath(components + path.components) }

    package func hasPrefix(_ prefix: RelativePath) -> Bool { components.starts(with: prefix.components) }

    /// Gives C the path with slashes between the names, `.` for the root; the pointer is valid during the call only.
    func withCString<Result, Failure: Error>(
        _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withTerminated(
            (components.isEmpty ? Array(".".utf8) : Array(components.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))) + [0], body)
    }
}

extension RelativePath: CustomStringConvertible {
    /// The names' display texts with slashes between them; the empty text is the root. `init(displayText:)` reads it back.
    package var displayText: String { components.map(\.displayText).joined(separator: "/") }

    package var description: String { displayText }

    /// Returns nil for what `displayText` never writes.
    package init?(displayText: String) {
        components = []
        if displayText.isEmpty { return }
        for part in displayText.split(separator: "/", omittingEmptySubsequences: false) {
            guard let name = FileName(displayText: String(part)) else { return nil }
            components.append(name)
        }
    }
}
