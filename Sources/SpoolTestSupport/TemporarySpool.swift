package import SpoolDirectory
import SpoolPrimitives

/// A spool's root (and room for a state directory) that lives as long as a closure runs.
package struct TemporarySpool: Sendable {
    /// The ledger that owns it unless a test says otherwise.
    package static let owner = "11111111-2222-4333-8444-555555555555"

    /// What both directories are in.
    package let directory: TemporaryDirectory
    /// The spool's root, with the few operations of a producer.
    package let root: TemporaryDirectory

    package var statePath: String { directory.path("state") }

    private init(_ directory: TemporaryDirectory) {
        self.directory = directory
        directory.makeDirectory("spool", mode: 0o2770)
        root = TemporaryDirectory(path: directory.path("spool"))
    }

    /// Makes a spool, runs `body`, and removes it, whether `body` throws or not.
    package static func with<Result>(_ body: (TemporarySpool) throws -> Result) rethrows -> Result {
        try TemporaryDirectory.with { try body(TemporarySpool($0)) }
    }

    package static func with<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: (TemporarySpool) async throws -> Result
    ) async rethrows -> Result {
        try await TemporaryDirectory.with { try await body(TemporarySpool($0)) }
    }

    /// What most tests open a spool with: no leases, since any child that another test starts in this process holds our descriptors for a
    /// moment, and a lease would see a writer where none is.
    package static let options: SpoolRoot.Options = {
        var options = SpoolRoot.Options()
        options.leases = false
        return options
    }()

    /// Opens it as the daemon does.
    package func open(owner: String = Self.owner, options: SpoolRoot.Options = Self.options) throws(SpoolError) -> SpoolRoot {
        try SpoolRoot.open(path: root.path, ownerUUID: owner, options: options)
    }

    /// Writes a complete file into the root, or a directory of it.
    package func drop(_ name: FileName, _ contents: String = "1,a\n", in directory: RelativePath = .root) {
        root.write(Array(contents.utf8), to: directory.appending(name))
    }

    /// Every name that a scan finds, directory by directory, and what it warned about.
    package func scan(_ spool: SpoolRoot) throws(SpoolError) -> (files: [RelativePath], oddities: [Oddity]) {
        let cursor = try spool.scan()
        var files: [RelativePath] = []
        var oddities: [Oddity] = []
        while let window = try cursor.next() {
            files += window.names.map { window.directory.appending($0) }
            oddities += window.oddities
        }
        return (files, oddities)
    }
}
