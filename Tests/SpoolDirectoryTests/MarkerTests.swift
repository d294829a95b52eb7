import Glibc
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct MarkerTests {
    private static let marker = name("a.done")

    /// The marker as the decision sees it.
    private static func seen(_ spool: SpoolRoot, _ marker: FileName = marker, in directory: RelativePath = .root) throws -> SeenMarker {
        let seen = try spool.observe([marker], in: directory, now: SystemTime().wallNow).first ?? nil
        return SeenMarker(name: marker, seen: try #require(seen))
    }

    @Test("markers go after the claim, and only they")
    func removes() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            for file in ["a", "a.done", "b", "b.done"] { temporary.drop(name(file)) }
            let marker = try Self.seen(spool)
            _ = try spool.claim([name("a")], into: claimName(1))
            try spool.removeMarkers([marker, SeenMarker(name: name("gone.done"), seen: marker.seen)], in: .root)
            #expect(try Set(temporary.scan(spool).files) == [path("b"), path("b.done")])
            #expect(!temporary.root.names(in: ".active").contains(name(".markers")))
        }
    }

    /// What a producer of the next file does to the marker's name.
    enum NextMarker: String, Sendable, CaseIterable {
        case isRenamedOver
        case isWrittenInPlace
        case isTouched

        func come(_ root: TemporaryDirectory) {
            let path = RelativePath([MarkerTests.marker])
            switch self {
            case .isRenamedOver:
                root.write(Array("next".utf8), to: RelativePath([name("new")]))
                root.rename(RelativePath([name("new")]), to: path)
            case .isWrittenInPlace: root.overwrite(path, with: Array("next".utf8))
            case .isTouched: root.age(path, by: 0)
            }
        }
    }

    @Test(
        "a marker that has taken the name since the decision stays, also when it comes between the last look and the move",
        arguments: NextMarker.allCases, [false, true])
    func keepsAnother(_ next: NextMarker, atTheLastMoment: Bool) throws {
        try TemporarySpool.with { temporary in
            let root = temporary.root
            var options = TemporarySpool.options
            if atTheLastMoment { options.hooks.beforeMarkerMove = { _ in next.come(root) } }
            let spool = try temporary.open(options: options)
            temporary.drop(Self.marker)
            root.age(RelativePath([Self.marker]), by: 10)
            let marker = try Self.seen(spool)
            if !atTheLastMoment { next.come(root) }
            try spool.removeMarkers([marker], in: .root)
            let found = root.read("a.done").map { String(decoding: $0, as: UTF8.self) }
            #expect(found == (next == .isTouched ? "1,a\n" : "next"))
            #expect(root.names(in: ".active") == [name(".lock")])
        }
    }

    @Test("a marker that somebody is about to write again stays")
    func keepsTheOneBeingWritten() throws {
        try TemporarySpool.with { temporary in
            let root = temporary.root
            let writer = Lock<Int32>(-1)
            var options = SpoolRoot.Options()
            options.hooks.beforeMarkerMove = { _ in writer.withLock { $0 = open(root.path("a.done"), O_WRONLY | O_CLOEXEC) } }
            let spool = try temporary.open(options: options)
            temporary.drop(Self.marker)
            try spool.removeMarkers([try Self.seen(spool)], in: .root)
            let descriptor = writer.withLock { $0 }
            #expect(descriptor >= 0)
            close(descriptor)
            #expect(root.read("a.done") != nil)
        }
    }

    @Test("a marker that a crash left aside is put back where it was, but never over a newer one", arguments: ["", "below/deep"])
    func crash(directory: String) throws {
        try TemporarySpool.with { temporary in
            var options = TemporarySpool.options
            options.treeDepth = 2
            let spool = try temporary.open(options: options)
            let root = temporary.root
            let prefix = directory.isEmpty ? "" : "\(directory)/"
            var made = ""
            for part in directory.split(separator: "/") {
                made += "/\(part)"
                root.makeDirectory(String(made.dropFirst()))
            }
            // As a removal that was cut off between its two renames leaves them.
            made = ".active/.markers"
            root.makeDirectory(made)
            for part in directory.split(separator: "/") {
                made += "/\(part)"
                root.makeDirectory(made)
            }
            for file in ["a.done", "b.done"] { root.write("aside", to: "\(made)/\(file)") }
            root.write("newer", to: "\(prefix)b.done")
            try spool.returnMarkers()
            #expect(root.read("\(prefix)a.done") == Array("aside".utf8))
            #expect(root.read("\(prefix)b.done") == Array("newer".utf8))
            #expect(root.names(in: ".active") == [name(".lock")])
            try spool.returnMarkers()
        }
    }
}
