import Glibc
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// As `nobody`, since root may read everything.
@Suite(.enabled(if: OnOwnThread.mayBecomeNobody, "needs root"))
struct PermissionTests {
    /// Opens the spool as `nobody`, whose it is.
    private func withNobodysSpool(_ body: @escaping @Sendable (TemporarySpool, SpoolRoot) throws -> Void) throws {
        try TemporarySpool.with { temporary in
            chmod(temporary.directory.path, 0o755)
            chown(temporary.root.path, OnOwnThread.nobody, OnOwnThread.nobody)
            chmod(temporary.root.path, 0o1777)
            _ = try OnOwnThread.asNobody { try body(temporary, try temporary.open()) }
        }
    }

    @Test("a file that the daemon may not read stays where it is, named as unreadable, and is claimed once it may")
    func unreadable() throws {
        try withNobodysSpool { temporary, spool in
            temporary.drop(name("readable"))
            temporary.drop(name("secret"))
            chmod(temporary.root.path("secret"), 0o200)
            let result = try spool.claim([name("secret"), name("readable")], into: claimName(1))
            #expect(result.files.map(\.name) == [name("readable")])
            #expect(result.unclaimed == [UnclaimedFile(name: name("secret"), reason: .unreadable(SystemErrno(EACCES)))])
            #expect(try temporary.scan(spool).files == [path("secret")])
            chmod(temporary.root.path("secret"), 0o600)
            #expect(try spool.claim([name("secret")], into: claimName(2)).files.count == 1)
        }
    }

    @Test("a claimed file whose permission was taken away is unreadable, not gone")
    func unreadableLater() throws {
        try withNobodysSpool { temporary, spool in
            temporary.drop(name("a"))
            let claimed = try #require(try spool.claim([name("a")], into: claimName(1)).files.first)
            chmod(temporary.root.path(".active/\(claimed.claim)/a"), 0)
            guard
                case .unreadable(SystemErrno(EACCES)) = try OpenClaimedFile.open(
                    spool, claimed.claim, claimed.name, expecting: claimed.identity)
            else {
                Issue.record("opened")
                return
            }
        }
    }

    @Test("a file of another user is claimed without a lease")
    func anotherUsersFile() throws {
        try TemporarySpool.with { temporary in
            chmod(temporary.directory.path, 0o755)
            chown(temporary.root.path, OnOwnThread.nobody, OnOwnThread.nobody)
            temporary.drop(name("roots"))
            let claimed = try OnOwnThread.asNobody {
                try temporary.open(options: SpoolRoot.Options()).claim([name("roots")], into: claimName(1)).files.count
            }
            #expect(claimed == 1)
        }
    }

    @Test("a directory of the tree that the daemon may not read is one warning, and the rest is scanned")
    func unreadableDirectory() throws {
        try TemporarySpool.with { temporary in
            chmod(temporary.directory.path, 0o755)
            chown(temporary.root.path, OnOwnThread.nobody, OnOwnThread.nobody)
            temporary.root.makeDirectory("closed", mode: 0o700)
            temporary.root.makeDirectory("open", mode: 0o777)
            temporary.drop(name("a"), in: path("open"))
            let found = try OnOwnThread.asNobody { () -> ([RelativePath], [Oddity]) in
                var options = TemporarySpool.options
                options.treeDepth = 1
                return try temporary.scan(temporary.open(options: options))
            }
            #expect(found?.0 == [path("open/a")])
            #expect(found?.1 == [Oddity(kind: .unreadableDirectory, path: path("closed"))])
        }
    }

    @Test("a spool that the daemon may not write to is refused with the way to find out why")
    func unwritableRoot() throws {
        try TemporarySpool.with { temporary in
            chmod(temporary.directory.path, 0o755)
            chmod(temporary.root.path, 0o755)
            let message = try OnOwnThread.asNobody { () -> String? in
                do {
                    _ = try temporary.open()
                    return nil
                } catch let error as SpoolError { return error.description }
            }
            #expect(message.flatMap { $0 }?.contains("namei -l") == true)
        }
    }
}
