import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct RecoveryTests {
    /// Everything that a listing of .active says.
    static func list(_ spool: SpoolRoot) throws -> (claims: [ClaimName: Set<FileName>], foreign: Set<RelativePath>) {
        let listing = try spool.activeClaims()
        var claims: [ClaimName: Set<FileName>] = [:]
        var foreign: Set<RelativePath> = []
        while let window = try listing.next() {
            switch window.content {
            case .claim(let claim, _, let names): claims[claim, default: []].formUnion(names)
            case .foreign(let path): foreign.insert(path)
            }
        }
        return (claims, foreign)
    }

    @Test("all claims and their files are listed, in windows, empty ones too, and what is neither is named")
    func listing() throws {
        try TemporarySpool.with { temporary in
            var options = TemporarySpool.options
            options.windowBytes = 1024
            let spool = try temporary.open(options: options)
            let names = (0..<300).map { name("file-\($0)") }
            for file in names { temporary.drop(file) }
            _ = try spool.claim(Array(names[..<200]), into: claimName(1))
            _ = try spool.claim(Array(names[200...]), into: claimName(2))
            temporary.root.makeDirectory(".active/\(claimName(3))")
            temporary.root.makeDirectory(".active/not a claim")
            temporary.root.makeDirectory(".active/\(claimName(1))/directory")
            temporary.root.write("x", to: ".active/loose")
            let (claims, foreign) = try Self.list(spool)
            #expect(claims == [claimName(1): Set(names[..<200]), claimName(2): Set(names[200...]), claimName(3): []])
            #expect(foreign == Set([".active/not a claim", ".active/\(claimName(1))/directory", ".active/loose"].map { path($0) }))
            #expect(try spool.removeClaimDirectory(claimName(3)))
            #expect(try !spool.removeClaimDirectory(claimName(2)))
            #expect(try spool.removeClaimDirectory(claimName(9)))
        }
    }

    @Test("files claimed before a crash are found with the identity that they have, and are read")
    func identify() throws {
        try TemporarySpool.with { temporary in
            var claimed: [ClaimedFile] = []
            do {
                let spool = try temporary.open()
                for file in awkwardNames { temporary.drop(file) }
                claimed = try spool.claim(awkwardNames, into: claimName(1)).files
            }
            let spool = try temporary.open()
            #expect(try Self.list(spool).claims == [claimName(1): Set(awkwardNames)])
            #expect(try spool.identify(awkwardNames + [name("gone")], of: claimName(1)) == claimed)
            #expect(try spool.identity(of: awkwardNames[0], in: claimName(1)) == claimed[0].identity)
            #expect(try spool.identity(of: name("gone"), in: claimName(1)) == nil)
        }
    }

    @Test(
        "the daemon's directories on a full disk: what was claimed is durable and told, the rest waits in the root",
        .enabled(if: OnOwnThread.mayMount, "needs CAP_SYS_ADMIN"))
    func fullDisk() throws {
        try TemporarySpool.with { temporary in
            let kind = try OnOwnThread.inMountNamespace { () -> SpoolError.Kind? in
                OnOwnThread.tmpfs(on: temporary.root.path, size: 1 << 20)
                let spool = try temporary.open()
                temporary.drop(name("a"))
                // In memory a directory takes no blocks, a reason does.
                let claimed = try #require(try spool.claim([name("a")], into: claimName(1)).files.first)
                let filler = [UInt8](repeating: 1, count: 4096)
                temporary.root.fill("filler", with: filler)
                guard case .refused(let error)? = try spool.dispose([Disposal(claimed, to: .failed(reason: Array("{}".utf8)))]).first else {
                    return nil
                }
                temporary.root.removeFile(path("filler"))
                guard case .alreadyThere(let final)? = try spool.dispose([Disposal(claimed, to: .failed(reason: Array("{}".utf8)))]).first
                else { return nil }
                #expect(try spool.reason(for: final) == Array("{}".utf8))
                return error.kind
            }
            #expect(kind == .some(.full))
        }
    }
}
