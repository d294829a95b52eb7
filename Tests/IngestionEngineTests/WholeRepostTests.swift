import IngestionEngine
import IngestionModel
import KustoEmulator
import Ledger
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// A coalesced source of which a message may be out already: another one must say the same, or none be sent (protocol.md §4).
@Suite(.timeLimit(.minutes(10))) struct WholeRepostTests {
    private static let names = ["a.csv", "b.csv", "c.csv"]

    /// Three files that are one source, whose post of an hour ago is in doubt, and whose blob is too old to be posted again.
    private static func whole(_ engine: EngineFixture) async throws -> (row: Int64, claim: ClaimName) {
        for name in names { engine.directory.write("\(name),1\n", to: "spool0/\(name)") }
        let spool = engine.spools[0]
        let claim = ClaimName(ledger: engine.ledger.identity.uuid, counter: 1)
        let files = try spool.root.claim(names.compactMap { FileName($0) }, into: claim).files.map { file in
            LedgerFile(
                claim: file.claim.text, directory: "", name: file.name.displayText, size: file.identity.size,
                modified: file.identity.modified, changed: file.identity.changed, inode: file.identity.inode)
        }
        let batch = ClaimedBatch(spool: spool.key, files: [], wholes: [files], at: engine.time.wallNow)
        guard case .claimed(let ids) = try await engine.ledger.commit(.claimed(batch)), let row = ids.first?.row else {
            throw TestSupportError("the whole was not claimed")
        }
        try await engine.apply([.posting, .postInDoubt(repostAt: engine.time.wallNow + .seconds(3700))], to: [row])
        engine.time.advance(by: .seconds(3701))
        engine.context.drains.completed(began: engine.time.wallNow)
        return (row, claim)
    }

    @Test("it is uploaded and posted again as long as each of its files is as it was")
    func unchanged() async throws {
        try await EngineFixture.with(emulator: { $0.startsPaused = true }) { engine in
            let (row, _) = try await Self.whole(engine)
            let scheduler = UploadScheduler(engine.context)
            try await engine.running({ try await scheduler.run() }) {
                try await until { try await engine.ledger.row(row)?.progress.state == .queued }
            }
            #expect(try await engine.ledger.row(row)?.progress.possibleCopies == 2)
            #expect(try await engine.events().named("queued").compactMap(\.file) == Self.names)
        }
    }

    @Test(
        "once a file of it has changed or gone it is not posted again, neither without that file nor file by file, and waits for its notification",
        arguments: [true, false])
    func incomplete(isGone: Bool) async throws {
        try await EngineFixture.with(emulator: { $0.startsPaused = true }) { engine in
            let (row, claim) = try await Self.whole(engine)
            Self.meddle(engine, claim, isGone)
            let scheduler = UploadScheduler(engine.context)
            try await engine.running({ try await scheduler.run() }) {
                try await until { try await engine.ledger.row(row).map { $0.due > engine.time.wallNow } ?? false }
            }
            let progress = try #require(try await engine.ledger.row(row)?.progress)
            #expect(progress.possibleCopies == 1 && !progress.state.isDecided, "\(progress)")
            #expect(engine.emulator.requests.count(.queuePut) == 0)
            let events = try await engine.events()
            #expect(events.named("separated").isEmpty && events.named("superseded").isEmpty && events.named("queued").isEmpty)
        }
    }

    @Test(
        "where its notification's time is over as well, at once or later, each of its files is unconfirmed, and says why nothing was posted again",
        arguments: [Duration.seconds(600), .seconds(7200)])
    func unconfirmed(deadline: Duration) async throws {
        let rules = SpoolRules(verdictDeadline: deadline)
        try await EngineFixture.with(rules: rules, emulator: { $0.startsPaused = true }) { engine in
            let (row, claim) = try await Self.whole(engine)
            Self.meddle(engine, claim, false)
            let scheduler = UploadScheduler(engine.context)
            try await engine.running({ try await scheduler.run() }) {
                try await until {
                    guard let row = try await engine.ledger.row(row), !row.progress.state.isDecided else { return true }
                    if row.due > engine.time.wallNow {
                        engine.time.advance(by: .seconds(60))
                        engine.context.drains.completed(began: engine.time.wallNow)
                        engine.context.signals.sources.raise()
                    }
                    return false
                }
            }
            #expect(engine.emulator.requests.count(.queuePut) == 0)
            let unconfirmed = try await engine.events().named("unconfirmed")
            #expect(unconfirmed.compactMap(\.file) == Self.names)
            #expect(
                unconfirmed.allSatisfy { $0.reason?.contains("b.csv") == true && $0.reason?.contains("cannot be posted again") == true })
        }
    }

    private static func meddle(_ engine: EngineFixture, _ claim: ClaimName, _ removes: Bool) {
        let path = "spool0/.active/\(claim.text)/b.csv"
        if removes {
            engine.directory.removeFile(TemporaryDirectory.relative(path))
        } else {
            engine.directory.write("b,1\nb,2\n", to: path)
        }
    }
}
