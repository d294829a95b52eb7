import Glibc
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct MoveTests {
    private static let today = UTCDate(Timestamp(seconds: 1_767_323_045))
    private static let reason = Array("{}".utf8)

    /// A file that failed, and where it is.
    private func failed(_ temporary: TemporarySpool, _ spool: SpoolRoot, claim: Int64 = 1) throws -> (ClaimedFile, RelativePath) {
        temporary.drop(name("a"), "bytes")
        let claimed = try #require(try spool.claim([name("a")], into: claimName(claim)).files.first)
        guard case .moved(let final)? = try spool.dispose([Disposal(claimed, to: .failed(reason: Self.reason))]).first else {
            throw SystemErrno(EIO)
        }
        return (claimed, final)
    }

    @Test("a late success moves a failed file to done/ and takes its reason away; repeated, it finds it there")
    func lateSuccess() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            let (claimed, final) = try failed(temporary, spool)
            for round in 1...2 {
                let outcome = try spool.move(
                    final, originally: name("a"), from: .root, expecting: claimed.identity, to: .done(date: Self.today))
                switch outcome {
                case .moved(let path) where round == 1, .alreadyThere(let path) where round == 2:
                    #expect(path == SpoolDirectoryTests.path("done/2026-01-02/a"))
                default: Issue.record("round \(round): \(outcome)")
                }
            }
            #expect(temporary.root.names(in: "failed") == [name(".reasons")] && temporary.root.names(in: "failed/.reasons").isEmpty)
        }
    }

    @Test("a file that was moved on before a crash is found, although another of its name has taken the place and has a reason there")
    func placeTaken() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            let (claimed, final) = try failed(temporary, spool)
            guard
                case .moved(let moved) = try spool.move(
                    final, originally: name("a"), from: .root, expecting: claimed.identity, to: .done(date: Self.today))
            else {
                Issue.record("not moved")
                return
            }
            temporary.drop(name("a"))
            let other = try #require(try spool.claim([name("a")], into: claimName(2)).files.first)
            guard case .moved(let place)? = try spool.dispose([Disposal(other, to: .failed(reason: Self.reason))]).first else {
                Issue.record("the other was not moved")
                return
            }
            #expect(place == final)
            guard
                case .alreadyThere(let found) = try spool.move(
                    final, originally: name("a"), from: .root, expecting: claimed.identity, to: .done(date: Self.today))
            else {
                Issue.record("not found")
                return
            }
            #expect(found == moved)
            #expect(try spool.reason(for: place) == Self.reason)
        }
    }

    @Test("and back, with a reason")
    func lateFailure() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            temporary.drop(name("a"))
            let claimed = try #require(try spool.claim([name("a")], into: claimName(1)).files.first)
            guard case .moved(let final)? = try spool.dispose([Disposal(claimed, to: .done(date: Self.today))]).first,
                case .moved(let back) = try spool.move(
                    final, originally: name("a"), from: .root, expecting: claimed.identity, to: .failed(reason: Self.reason))
            else {
                Issue.record("not moved")
                return
            }
            #expect(back == path("failed/a"))
            #expect(try spool.reason(for: back) == Self.reason)
        }
    }

    @Test("a file that an operator changed or took away is not taken for the one that was meant")
    func changed() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            let (claimed, final) = try failed(temporary, spool)
            temporary.root.write("something else", to: "failed/a")
            guard
                case .changed = try spool.move(
                    final, originally: name("a"), from: .root, expecting: claimed.identity, to: .done(date: Self.today))
            else {
                Issue.record("moved")
                return
            }
            temporary.root.removeFile(final)
            guard
                case .vanished = try spool.move(
                    final, originally: name("a"), from: .root, expecting: claimed.identity, to: .done(date: Self.today))
            else {
                Issue.record("moved")
                return
            }
        }
    }

    @Test("a retried file is back in the root under its own name, and waits while that is taken")
    func retry() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            _ = try failed(temporary, spool, claim: 1)
            let (_, second) = try failed(temporary, spool, claim: 2)
            #expect(second == path("failed/a.~2~"))
            temporary.drop(name("a"), "newer")
            let error = #expect(throws: SpoolError.self) { try spool.returnToRoot(second, originally: name("a")) }
            #expect(error?.kind == .nameTaken)
            #expect(temporary.root.read("a") == Array("newer".utf8))
            temporary.root.removeFile(path("a"))
            #expect(try spool.returnToRoot(second, originally: name("a")) == path("a"))
            #expect(temporary.root.read("a") == Array("bytes".utf8))
            #expect(temporary.root.names(in: "failed") == [name("a"), name(".reasons")])
            #expect(temporary.root.names(in: "failed/.reasons") == [name("a.json")])
            let gone = #expect(throws: SpoolError.self) { try spool.returnToRoot(second, originally: name("a")) }
            #expect(gone?.kind == .notFound)
        }
    }

    @Test(
        "nothing but a disposed file is moved",
        arguments: ["a", ".active/x/a", "done", "done/a", "failed", "failed/.reasons/a.json", "failed/.reasons"])
    func refused(file: String) throws {
        try TemporarySpool.with { temporary throws in
            let spool = try temporary.open()
            let first = #expect(throws: SpoolError.self) { try spool.returnToRoot(path(file), originally: name("a")) }
            #expect(first?.kind == .refused)
            let second = #expect(throws: SpoolError.self) {
                try spool.move(path(file), originally: name("a"), from: .root, expecting: nil, to: .done(date: Self.today))
            }
            #expect(second?.kind == .refused)
        }
    }

    @Test("a purge removes files of days before the date, a bounded number a call, and nothing else")
    func purge() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            for directory in ["2026-01-01", "2026-01-01/sub", "2026-01-02", "notes", "2025-13-01", "9999-12-31"] {
                temporary.root.makeDirectory("done/\(directory)")
            }
            for directory in ["2026-01-01", "2026-01-02", "notes", "2025-13-01", "9999-12-31"] {
                for index in 0..<3 { temporary.drop(name("f\(index)"), in: path("done/\(directory)")) }
            }
            for index in 0..<3 { temporary.drop(name("f\(index)"), in: path("failed")) }
            temporary.drop(name("root's"))
            temporary.drop(name("loose"), in: path("done"))
            let date = try #require(UTCDate("2026-01-02"))
            let first = try spool.purgeDone(before: date, limit: 2)
            #expect(first.removed == 2 && !first.isComplete)
            let second = try spool.purgeDone(before: date, limit: 2)
            #expect(second.removed == 1 && second.isComplete && second.foreign.isEmpty)
            #expect(temporary.root.names(in: "done") == Set(["2026-01-02", "notes", "2025-13-01", "9999-12-31", "loose"].map { name($0) }))
            let left = temporary.root.allFiles().keys.filter { !($0.name?.isHidden ?? false) }.count
            #expect(left == 4 * 3 + 3 + 2)
        }
    }

    @Test("a purge leaves and names what is no file, and follows no link")
    func purgeForeign() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            temporary.directory.makeDirectory("elsewhere")
            temporary.directory.write("precious", to: "elsewhere/f")
            temporary.root.makeDirectory("done/2026-01-01")
            symlink(temporary.directory.path("elsewhere"), temporary.root.path("done/2026-01-01/link"))
            symlink(temporary.directory.path("elsewhere"), temporary.root.path("done/2026-01-00"))
            symlink(temporary.directory.path("elsewhere"), temporary.root.path("done/2025-12-31"))
            let result = try spool.purgeDone(before: try #require(UTCDate("2026-01-02")))
            #expect(result.removed == 0 && result.foreign == [path("done/2026-01-01/link")])
            #expect(temporary.directory.read("elsewhere/f") == Array("precious".utf8))
        }
    }
}
