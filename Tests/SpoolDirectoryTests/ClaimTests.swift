import CLinux
import Glibc
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct ClaimTests {
    @Test("a claimed file is out of the root, in .active, and unchanged", arguments: awkwardNames)
    func claims(file: FileName) throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open(options: SpoolRoot.Options())
            temporary.drop(file, "some bytes")
            let result = try spool.claim([file], into: claimName(1))
            let claimed = try #require(result.files.first)
            #expect(claimed.name == file && claimed.identity.size == 10 && result.unclaimed.isEmpty && result.stoppedBy == nil)
            #expect(!temporary.root.names().contains(file))
            #expect(temporary.root.read(RelativePath([name(".active"), name(claimName(1).text), file])) == Array("some bytes".utf8))
            guard case .unchanged(let open) = try OpenClaimedFile.open(spool, claimed.claim, file, expecting: claimed.identity) else {
                Issue.record("the identity after the claim is not the one found by opening")
                return
            }
            var buffer = [UInt8](repeating: 0, count: 64)
            let count = try buffer.withUnsafeMutableBytes { try open.read(into: $0, at: 5) }
            #expect(Array(buffer[..<count]) == Array("bytes".utf8))
            #expect(try open.changes().isEmpty)
        }
    }

    @Test("what is no regular file, or gone, stays where it is and is named with the reason")
    func unclaimed() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open(options: SpoolRoot.Options())
            symlink("/etc/passwd", temporary.root.path("link"))
            mkfifo(temporary.root.path("fifo"), 0o600)
            temporary.root.makeDirectory("directory")
            temporary.drop(name("file"))
            let names = ["link", "fifo", "directory", "gone", "file"].map { name($0) }
            let result = try spool.claim(names, into: claimName(1))
            #expect(result.files.map(\.name) == [name("file")])
            #expect(
                result.unclaimed == [
                    UnclaimedFile(name: name("link"), reason: .notRegular(.symbolicLink)),
                    UnclaimedFile(name: name("fifo"), reason: .notRegular(.fifo)),
                    UnclaimedFile(name: name("directory"), reason: .notRegular(.directory)),
                    UnclaimedFile(name: name("gone"), reason: .vanished),
                ])
            #expect(temporary.root.names().isSuperset(of: ["link", "fifo", "directory"].map { name($0) }))
        }
    }

    @Test("a claim of nothing leaves no directory behind")
    func emptyClaim() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open(options: SpoolRoot.Options())
            _ = try spool.claim([name("gone")], into: claimName(1))
            #expect(temporary.root.names(in: ".active") == [name(".lock")])
        }
    }

    @Test("a claim's name is never used twice")
    func nameIsUsedOnce() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open(options: SpoolRoot.Options())
            temporary.drop(name("a"))
            temporary.drop(name("b"))
            _ = try spool.claim([name("a")], into: claimName(1))
            let error = #expect(throws: SpoolError.self) { try spool.claim([name("b")], into: claimName(1)) }
            #expect(error?.kind == .nameTaken)
            #expect(temporary.root.names().contains(name("b")))
        }
    }

    @Test("a file still open for writing is left, and claimed when it is closed")
    func openWriter() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open(options: SpoolRoot.Options())
            temporary.drop(name("growing"))
            let writer = Descriptor(owning: ksc_openat(AT_FDCWD, temporary.root.path("growing"), O_WRONLY | O_CLOEXEC, 0))
            let result = try spool.claim([name("growing")], into: claimName(1))
            #expect(result.unclaimed == [UnclaimedFile(name: name("growing"), reason: .stillOpen)])
            withExtendedLifetime(writer) {}
        }
        try TemporarySpool.with { temporary in
            let spool = try temporary.open(options: SpoolRoot.Options())
            temporary.drop(name("closed"))
            #expect(try spool.claim([name("closed")], into: claimName(1)).files.count == 1)
        }
    }

    @Test("a writer that opens the file in the middle of its claim is noticed, and the file goes back")
    func writerInBetween() throws {
        try TemporarySpool.with { temporary in
            let path = temporary.root.path("raced")
            var options = SpoolRoot.Options()
            let writer = Lock<Int32>(-1)
            // O_NONBLOCK: the lease would make the open wait for its breaking, and this thread is the one that breaks it.
            options.hooks.beforeRename = { _ in writer.withLock { $0 = ksc_openat(AT_FDCWD, path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0) } }
            let spool = try temporary.open(options: options)
            temporary.drop(name("raced"))
            let result = try spool.claim([name("raced")], into: claimName(1))
            #expect(result.unclaimed == [UnclaimedFile(name: name("raced"), reason: .stillOpen)])
            #expect(temporary.root.names().contains(name("raced")))
        }
    }

    @Test("a file replaced between the look and the move goes back, and the next claim takes the new one")
    func replacedInBetween() throws {
        try TemporarySpool.with { temporary in
            var options = SpoolRoot.Options()
            let root = temporary.root
            options.hooks.beforeRename = { _ in
                root.write("new", to: ".new")
                root.rename(path(".new"), to: path("raced"))
            }
            temporary.drop(name("raced"), "old")
            do {
                let spool = try temporary.open(options: options)
                let result = try spool.claim([name("raced")], into: claimName(1))
                #expect(result.unclaimed == [UnclaimedFile(name: name("raced"), reason: .stillOpen)])
            }
            let spool = try temporary.open(options: SpoolRoot.Options())
            let claimed = try #require(try spool.claim([name("raced")], into: claimName(2)).files.first)
            #expect(claimed.identity.size == 3 && root.read("raced") == nil)
        }
    }
}
