import Glibc
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct ScanTests {
    @Test("a scan of many files is many windows, each bounded, and every file is seen once")
    func windows() throws {
        try TemporarySpool.with { temporary in
            var options = TemporarySpool.options
            options.windowBytes = 32 << 10
            let spool = try temporary.open(options: options)
            let count = 20_000
            for index in 0..<count { temporary.root.write("", to: "file-\(index).csv") }
            let cursor = try spool.scan()
            var seen: Set<FileName> = []
            var total = 0
            var windows = 0
            while let window = try cursor.next() {
                windows += 1
                // The smallest record of getdents64 is 24 bytes; these take 40.
                #expect(window.names.count <= options.windowBytes / 24)
                total += window.names.count
                seen.formUnion(window.names)
            }
            #expect(total == count)
            #expect(seen.count == count)
            #expect(windows > 10)
        }
    }

    @Test("a file claimed in the middle of a scan neither stops it nor hides another")
    func claimsMeanwhile() throws {
        try TemporarySpool.with { temporary in
            var options = TemporarySpool.options
            options.windowBytes = 4096
            let spool = try temporary.open(options: options)
            let count = 1000
            for index in 0..<count { temporary.root.write("", to: "file-\(index).csv") }
            let cursor = try spool.scan()
            var claimed = 0
            var claims: Int64 = 0
            while let window = try cursor.next() {
                claims += 1
                claimed += try spool.claim(window.names, into: claimName(claims)).files.count
            }
            #expect(claimed == count)
            #expect(try temporary.scan(spool).files.isEmpty)
        }
    }

    @Test("hidden entries and the daemon's own directories are not seen; what is no file is reported once")
    func oddities() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            temporary.drop(name("file"))
            temporary.drop(name(".hidden"))
            temporary.drop(name("in done"), in: path("done"))
            symlink("file", temporary.root.path("link"))
            symlink("nowhere", temporary.root.path("dangling"))
            mkfifo(temporary.root.path("fifo"), 0o600)
            temporary.root.makeDirectory("sub")
            temporary.drop(name("below"), in: path("sub"))
            let first = try temporary.scan(spool)
            #expect(first.files == [path("file")])
            let expected: Set<Oddity> = [
                Oddity(kind: .notRegular(.symbolicLink), path: path("link")),
                Oddity(kind: .notRegular(.symbolicLink), path: path("dangling")),
                Oddity(kind: .notRegular(.fifo), path: path("fifo")), Oddity(kind: .notScanned, path: path("sub")),
            ]
            #expect(Set(first.oddities) == expected && first.oddities.count == expected.count)
            let second = try temporary.scan(spool)
            #expect(second.files == [path("file")] && second.oddities.isEmpty)
        }
    }

    @Test("a tree is scanned as deep as it is configured, and mirrored on the way out")
    func tree() throws {
        try TemporarySpool.with { temporary in
            var options = TemporarySpool.options
            options.treeDepth = 2
            let spool = try temporary.open(options: options)
            for directory in ["a", "a/b", "a/b/c", ".hidden", "a/done", "a/.own"] { temporary.root.makeDirectory(directory) }
            for directory in ["", "a", "a/b", "a/b/c", ".hidden", "a/done", "a/.own"] {
                temporary.drop(name("f"), directory, in: path(directory))
            }
            let found = try temporary.scan(spool)
            // `done` is the daemon's in the root only.
            #expect(Set(found.files) == Set(["f", "a/f", "a/b/f", "a/done/f"].map { path($0) }))
            #expect(found.oddities == [Oddity(kind: .notScanned, path: path("a/b/c"))])
            for (index, file) in found.files.enumerated() {
                let result = try spool.claim([name("f")], in: file.parent, into: claimName(Int64(index)))
                let claimed = try #require(result.files.first)
                #expect(claimed.directory == file.parent)
                // As after a crash before the row's commit: the claim itself says where its files belong.
                #expect(try spool.identify([name("f")], of: claimed.claim) == [claimed])
                guard case .moved(let final)? = try spool.dispose([Disposal(claimed, to: .failed(reason: []))]).first else {
                    Issue.record("\(file) was not moved")
                    return
                }
                #expect(final == path("failed").appending(file))
                #expect(temporary.root.read(final) == Array(file.parent.displayText.utf8))
                #expect(spool.reasonPath(for: final) == path("failed/.reasons").appending(file.parent).appending(name("f.json")))
            }
            #expect(temporary.root.names(in: ".active") == [name(".lock")])
        }
    }

    @Test(
        "a directory of the tree under another mount is left out, with a warning", .enabled(if: OnOwnThread.mayMount, "needs CAP_SYS_ADMIN")
    )
    func mountInTree() throws {
        try TemporarySpool.with { temporary in
            temporary.directory.makeDirectory("elsewhere")
            temporary.root.makeDirectory("sub")
            let found = try OnOwnThread.inMountNamespace { () -> [Oddity] in
                OnOwnThread.bind(temporary.directory.path("elsewhere"), on: temporary.root.path("sub"))
                var options = TemporarySpool.options
                options.treeDepth = 1
                return try temporary.scan(temporary.open(options: options)).oddities
            }
            #expect(found == [Oddity(kind: .otherMount, path: path("sub"))])
        }
    }

    @Test("a look tells size and times of files, and nothing of what is none or gone")
    func observes() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            temporary.drop(name("file"), "12345")
            temporary.root.age(path("file"), by: 3600)
            symlink("file", temporary.root.path("link"))
            let now = SystemTime().wallNow
            let seen = try spool.observe([name("file"), name("link"), name("gone")], in: .root, now: now)
            let file = try #require(seen[0])
            #expect(file.size == 5 && file.at == now && file.modified < file.changed && seen[1] == nil && seen[2] == nil)
            #expect(try spool.observe([name("x")], in: path("no/such"), now: now) == [nil])
        }
    }
}
