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
}
