import CLinux
import Glibc
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct DisposalTests {
    private static let today = UTCDate(Timestamp(seconds: 1_767_323_045))
    private static let reason = Array(#"{"code":"BadRequest"}"#.utf8)

    @Test("a settled file keeps its name and bytes on the way to done/, and the claim's directory goes", arguments: awkwardNames)
    func done(file: FileName) throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            temporary.drop(file, "bytes")
            let claimed = try #require(try spool.claim([file], into: claimName(1)).files.first)
            let outcomes = try spool.dispose([Disposal(claimed, to: .done(date: Self.today))])
            guard case .moved(let final)? = outcomes.first else {
                Issue.record("\(outcomes)")
                return
            }
            #expect(final == path("done/2026-01-02").appending(file))
            #expect(temporary.root.read(final) == Array("bytes".utf8))
            #expect(temporary.root.names(in: ".active") == [name(".lock")])
        }
    }

    @Test("a failed file has its reason under its own name, whatever that is", arguments: awkwardNames)
    func failed(file: FileName) throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            temporary.drop(file)
            let claimed = try #require(try spool.claim([file], into: claimName(1)).files.first)
            guard case .moved(let final)? = try spool.dispose([Disposal(claimed, to: .failed(reason: Self.reason))]).first else {
                Issue.record("not moved")
                return
            }
            #expect(final == path("failed").appending(file))
            #expect(try spool.reason(for: final) == Self.reason)
            #expect(temporary.root.names(in: "failed/.reasons").count == 1)
        }
    }

    @Test("one name dropped a hundred times is kept a hundred times", arguments: [true, false])
    func sameName(succeeds: Bool) throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            let target = succeeds ? DisposalTarget.done(date: Self.today) : .failed(reason: Self.reason)
            var finals: Set<RelativePath> = []
            for round in 1...100 {
                temporary.drop(name("same.csv"), "round \(round)")
                let claimed = try #require(try spool.claim([name("same.csv")], into: claimName(Int64(round))).files.first)
                guard case .moved(let final)? = try spool.dispose([Disposal(claimed, to: target)]).first else {
                    Issue.record("round \(round) was not moved")
                    return
                }
                #expect(final.name == name("same.csv").numbered(round))
                #expect(temporary.root.read(final) == Array("round \(round)".utf8))
                finals.insert(final)
            }
            #expect(finals.count == 100)
            for final in finals where !succeeds { #expect(try spool.reason(for: final) == Self.reason) }
        }
    }

    @Test("a name taken at the last moment is not overwritten", arguments: [true, false])
    func race(isDirectory: Bool) throws {
        try TemporarySpool.with { temporary in
            var options = TemporarySpool.options
            let root = temporary.root
            root.makeDirectory("done")
            options.hooks.beforeDisposal = { _ in
                root.makeDirectory("done/2026-01-02")
                if isDirectory { root.makeDirectory("done/2026-01-02/a") } else { root.write("another's", to: "done/2026-01-02/a") }
            }
            let spool = try temporary.open(options: options)
            temporary.drop(name("a"), "ours")
            let claimed = try #require(try spool.claim([name("a")], into: claimName(1)).files.first)
            guard case .moved(let final)? = try spool.dispose([Disposal(claimed, to: .done(date: Self.today))]).first else {
                Issue.record("not moved")
                return
            }
            #expect(final == path("done/2026-01-02/a.~2~"))
            #expect(root.read(final) == Array("ours".utf8))
            #expect(isDirectory || root.read("done/2026-01-02/a") == Array("another's".utf8))
        }
    }

    @Test("many threads that dispose of files of one name lose none")
    func concurrent() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            let disposals = try (Int64(0)..<64).map { index in
                temporary.drop(name("same"), "\(index)")
                return Disposal(
                    try #require(try spool.claim([name("same")], into: claimName(index)).files.first),
                    to: .failed(reason: Array("\(index)".utf8)))
            }
            let failures = Lock(0)
            let threads = (0..<4).map { thread in
                WorkerThread(name: "disposer") {
                    for index in stride(from: thread, to: 64, by: 4) {
                        do {
                            guard case .moved? = try spool.dispose([disposals[index]]).first else { throw SystemErrno(EIO) }
                        } catch { failures.withLock { $0 += 1 } }
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(failures.withLock { $0 } == 0)
            let files = temporary.root.allFiles(below: path("failed")).filter { !$0.key.components.contains(name(".reasons")) }
            #expect(Set(files.values.map { String(decoding: $0, as: UTF8.self) }) == Set((0..<64).map(String.init)))
            for (file, contents) in files { #expect(try spool.reason(for: file) == contents) }
            #expect(temporary.root.names(in: "failed/.reasons").count == 64)
        }
    }

    /// What may happen to a claimed file behind our back, and what surely differs by it.
    private static let meddling:
        [(name: String, act: @Sendable (TemporaryDirectory, RelativePath, FileIdentity) -> Void, changes: FileChanges)] = [
            ("grew", { directory, file, _ in directory.write(Array("longer".utf8), to: file) }, .size),
            ("touched", { directory, file, _ in directory.age(file, by: 60) }, .modified),
            (
                "replaced",
                { directory, file, _ in
                    directory.write(Array("bytes".utf8), to: path("new"))
                    directory.rename(path("new"), to: file)
                }, .inode
            ),
            (
                "chmod",
                { directory, file, identity in
                    // Until the kernel's clock for files has moved on since the claim, which is milliseconds.
                    var status = stat()
                    repeat {
                        chmod(directory.path(file.displayText), 0o600)
                        stat(directory.path(file.displayText), &status)
                    } while Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec) == identity.changed
                }, .changed
            ),
        ]

    @Test(
        "a file that changed since its claim is neither read as if it had not, nor deleted, and can be kept in failed/",
        arguments: meddling.indices)
    func changed(index: Int) throws {
        let (what, act, changes) = Self.meddling[index]
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            temporary.drop(name("a"), "bytes")
            let claimed = try #require(try spool.claim([name("a")], into: claimName(1)).files.first)
            let file = RelativePath([name(".active"), name(claimed.claim.text), name("a")])
            guard case .unchanged(let early) = try OpenClaimedFile.open(spool, claimed.claim, name("a"), expecting: claimed.identity) else {
                Issue.record("\(what): changed already")
                return
            }
            act(temporary.root, file, claimed.identity)
            // The open descriptor still has the old file where another took its name.
            if what != "replaced" { #expect(try early.changes().isSuperset(of: changes), "\(what)") }
            guard case .changed(_, let seen) = try OpenClaimedFile.open(spool, claimed.claim, name("a"), expecting: claimed.identity) else {
                Issue.record("\(what): not seen")
                return
            }
            #expect(seen.isSuperset(of: changes), "\(what)")
            for target in [DisposalTarget.removed, .done(date: Self.today)] {
                guard case .changed(seen)? = try spool.dispose([Disposal(claimed, to: target)]).first else {
                    Issue.record("\(what): disposed of")
                    return
                }
            }
            let kept = Disposal(claimed, to: .removed).disregardingChanges(reason: Self.reason)
            guard case .moved(let final)? = try spool.dispose([kept]).first else {
                Issue.record("\(what): not kept")
                return
            }
            #expect(final == path("failed/a"))
            #expect(temporary.root.read(final) != nil)
        }
    }

    @Test("a file that is to be removed is, and a second time it is gone")
    func removed() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            temporary.drop(name("a"))
            let disposal = Disposal(try #require(try spool.claim([name("a")], into: claimName(1)).files.first), to: .removed)
            guard case .removed? = try spool.dispose([disposal]).first, case .vanished? = try spool.dispose([disposal]).first else {
                Issue.record("not removed once")
                return
            }
            #expect(temporary.root.allFiles().keys.map(\.displayText).sorted() == [".active/.lock", ".spool"])
        }
    }

    @Test("a disposal repeated after a crash finds its file by what it is, not by its name, and writes the reason that is missing")
    func repeated() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            temporary.root.write("an older one", to: "failed/a")
            temporary.drop(name("a"), "ours")
            let disposal = Disposal(
                try #require(try spool.claim([name("a")], into: claimName(1)).files.first), to: .failed(reason: Self.reason))
            guard case .moved(let final)? = try spool.dispose([disposal]).first else {
                Issue.record("not moved")
                return
            }
            #expect(final == path("failed/a.~2~"))
            temporary.root.removeFile(spool.reasonPath(for: final))
            // An operator took the older one away meanwhile: the numbers have a gap.
            temporary.root.removeFile(path("failed/a"))
            guard case .alreadyThere(final)? = try spool.dispose([disposal]).first else {
                Issue.record("not found")
                return
            }
            #expect(try spool.reason(for: final) == Self.reason)
            temporary.root.removeFile(final)
            guard case .vanished? = try spool.dispose([disposal]).first else {
                Issue.record("found what is gone")
                return
            }
        }
    }

    @Test(
        "a disposal repeated after a crash knows its file although it changed, and no other that has got its inode's number",
        arguments: ["done/2026-01-02/a", "done/2026-01-01/a.~2~", "failed/a.~3~"])
    func changedThere(place: String) throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            temporary.drop(name("a"), "bytes")
            let claimed = try #require(try spool.claim([name("a")], into: claimName(1)).files.first)
            let root = temporary.root
            for day in ["done/2026-01-01", "done/2026-01-02"] { root.makeDirectory(day) }
            root.write("another's", to: "failed/a")
            root.rename(RelativePath([name(".active"), name(claimed.claim.text), name("a")]), to: path(place))
            root.overwrite(path(place), with: Array("longer bytes".utf8))
            for target in [DisposalTarget.done(date: Self.today), .failed(reason: Self.reason), .removed] {
                guard case .changedThere(path(place), let changes)? = try spool.dispose([Disposal(claimed, to: target)]).first else {
                    Issue.record("\(target): not found")
                    continue
                }
                #expect(changes.contains(.size))
            }
            // The same number, in a row whose claim was before this file was made: the row's own file is gone, and its number was given again.
            var earlier = claimed
            earlier.identity.changed -= 3_600_000_000_000
            guard case .vanished? = try spool.dispose([Disposal(earlier, to: .failed(reason: Self.reason))]).first else {
                Issue.record("a file was taken for another that had its inode before")
                return
            }
        }
    }

    @Test("a file named by its reason's hash: two long names never share a reason")
    func longReasons() throws {
        try TemporarySpool.with { temporary in
            let spool = try temporary.open()
            let long = String(repeating: "n", count: 254)
            for (index, last) in ["a", "b"].enumerated() {
                temporary.drop(name(long + last))
                let claimed = try #require(try spool.claim([name(long + last)], into: claimName(Int64(index))).files.first)
                _ = try spool.dispose([Disposal(claimed, to: .failed(reason: Array(last.utf8)))])
            }
            for last in ["a", "b"] { #expect(try spool.reason(for: path("failed").appending(name(long + last))) == Array(last.utf8)) }
        }
    }

    @Test("one batch is durable at once: no file is settled before all its directories are", arguments: [1, 200])
    func batch(directories: Int) throws {
        try TemporarySpool.with { temporary in
            var options = TemporarySpool.options
            let order = Lock<[String]>([])
            options.hooks.afterDisposal = { file in order.withLock { $0.append("moved") } }
            options.hooks.beforeDisposalFsync = { order.withLock { $0.append("sync") } }
            options.hooks.afterDisposalFsync = { order.withLock { $0.append("synced") } }
            options.treeDepth = 1
            let spool = try temporary.open(options: options)
            var disposals: [Disposal] = []
            for index in 0..<directories {
                temporary.root.makeDirectory("d\(index)")
                temporary.drop(name("f"), in: path("d\(index)"))
                let result = try spool.claim([name("f")], in: path("d\(index)"), into: claimName(Int64(index)))
                disposals.append(Disposal(try #require(result.files.first), to: .done(date: Self.today)))
            }
            let outcomes = try spool.dispose(disposals)
            for (index, outcome) in outcomes.enumerated() {
                guard case .moved(let final) = outcome else {
                    Issue.record("\(outcome)")
                    continue
                }
                #expect(final == path("done/2026-01-02/d\(index)/f"))
            }
            #expect(order.withLock { $0 } == Array(repeating: "moved", count: directories) + ["sync", "synced"])
            #expect(temporary.root.names(in: ".active") == [name(".lock")])
        }
    }
}
