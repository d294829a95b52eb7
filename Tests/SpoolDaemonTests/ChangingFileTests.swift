import Glibc
import IngestionEngine
import IngestionModel
import KustoEmulator
import Ledger
import SpoolDaemon
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// A file that is changed behind the daemon's back, at each step of its way (protocol.md §3.3, §3.7).
@Suite struct ChangingFileTests {
    /// What another hand does to the claimed file.
    enum Change: String, Sendable, CaseIterable {
        case shrinks
        case grows
        case isRewritten
        case isReplaced
        case isTouched
        case vanishes

        /// The file's bytes afterwards; nil for none.
        var result: [UInt8]? {
            switch self {
            case .shrinks: Array("a,1\n".utf8)
            case .grows: ChangingFileTests.original + Array("d,4\n".utf8)
            case .isRewritten, .isReplaced: Array("x,7\ny,8\nz,9\n".utf8)
            case .isTouched: ChangingFileTests.original
            case .vanishes: nil
            }
        }
    }

    static let original = Array("a,1\nb,2\nc,3\n".utf8)
    static let before: [EngineHooks.Point] = [.filesClaimed, .claimCommitted]
    static let after: [EngineHooks.Point] = [.uploaded, .postingCommitted, .posted, .queuedCommitted, .verdictCommitted]

    @Test("a file that changes before it is read is ingested as what it has become", arguments: Change.allCases, before)
    func changesBefore(_ change: Change, _ point: EngineHooks.Point) async throws {
        try await run(change, at: point) { system, events in
            guard let result = change.result else {
                #expect(events.of(file: "x.csv").map(\.name) == ["accepted", "vanished"])
                return
            }
            #expect(events.of(file: "x.csv").map(\.name) == ["accepted", "deferred", "queued", "succeeded"])
            #expect(events.named("deferred").first?.code == "changed")
            Aftermath.expectOnce(result, in: "done/", system)
            let posted = try Self.posted(system)
            #expect(posted.contains(result))
        }
    }

    @Test(
        "a file that changes after it was read is kept in failed/, and what was ingested is what it was", arguments: Change.allCases, after)
    func changesAfter(_ change: Change, _ point: EngineHooks.Point) async throws {
        try await run(change, at: point) { system, events in
            let names = events.of(file: "x.csv").map(\.name)
            let posted = try Self.posted(system)
            #expect(posted.contains(Self.original))
            guard let result = change.result else {
                #expect(names == ["accepted", "queued", "succeeded", "vanished"])
                return
            }
            #expect(names == ["accepted", "queued", "succeeded", "changed_after_post"])
            Aftermath.expectOnce(result, in: "failed/", system)
            let reason = system.directory.read("spool/failed/.reasons/x.csv.json").map { String(decoding: $0, as: UTF8.self) }
            #expect(reason?.contains("changed after it was read") ?? false)
        }
    }

    /// The first blocks are on their way, and the reader waits for them, while the file changes.
    @Test("a file that changes while it is read is sent again from its start, and what was half sent is never posted")
    func changesDuring() async throws {
        var random = SeededRandom()
        let first = random.incompressible(1 << 20)
        let second = random.incompressible(1 << 20)
        try await SystemFixture.with(
            topLevel: ["limits: { upload_block_size: 64 KiB }"],
            emulator: {
                $0.ingestion = .none
                $0.faults = [
                    FaultRule(.blobBlock, when: .nth(1), action: .delay(.zero)),
                    FaultRule(.blobBlock, when: .first(4), action: .delay(.seconds(2))),
                ]
            }
        ) { system in
            let (events, logged) = try await system.running { daemon in
                if let name = FileName("x.csv") { system.drop(first, named: name) }
                try await system.emulator.wait(for: "a block") { $0.requests.count(.blobBlock) > 0 }
                system.directory.write(second, to: try #require(Self.claimed(system)))
                let events = try await daemon.events("the end") { !$0.verdicts.isEmpty }
                return (events, daemon.logged)
            }
            #expect(events.of(file: "x.csv").map(\.name) == ["accepted", "deferred", "queued", "succeeded"])
            let posted = try Self.posted(system)
            #expect(posted == [second], "seed \(random.seed)")
            Aftermath.expectOnce(second, in: "done/", system)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    @Test("a file whose size differs after a restart is held with an alert, and sent as it is when the operator says so")
    func changesAcrossRestart() async throws {
        let forbidden = FaultReply(status: 403, body: .storage(code: "AuthenticationFailed", message: "no"))
        let shorter = Array(Self.original.dropLast(5))
        try await SystemFixture.with(emulator: { $0.faults = [FaultRule(.blobPut, action: .reply(forbidden))] }) { system in
            try await system.running { daemon in
                if let name = FileName("x.csv") { system.drop(Self.original, named: name) }
                _ = try await daemon.events("a deferral") { !$0.named("deferred").isEmpty }
            }
            // As after a power cut: what the producer never made durable is gone.
            system.directory.write(shorter, to: try #require(Self.claimed(system)))
            system.emulator.faults.clear()
            let (events, logged) = try await system.running { daemon in
                let held = try await daemon.events("the hold") { !$0.named("held").isEmpty }
                #expect(held.named("held").first?.code == "size_differs")
                #expect(system.emulator.receivedMessages.isEmpty)
                let source = try #require(held.named("held").first?.source.flatMap { SourceID($0) })
                try LedgerReader(path: LedgerPath.ledger(inState: system.directory.path("state"))).request(
                    .retry, row: source.row, at: SystemTime().wallNow)
                return (try await daemon.verdicts(1), daemon.logged)
            }
            #expect(events.verdicts.map(\.name) == ["succeeded"])
            #expect(logged.contains { $0.contains("has 7 bytes and had 12") && $0.contains("kusto-spool retry") }, "\(logged)")
            Aftermath.expectOnce(shorter, in: "done/", system)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    // MARK: - Support

    private func run(
        _ change: Change, at point: EngineHooks.Point, _ check: (SystemFixture, JournalEvents) throws -> Void
    ) async throws {
        try await SystemFixture.with { system in
            let isDone = Lock(false)
            let hooks = EngineHooks { reached in
                // The disposer may find a verdict before its reader has come to the point: who comes first makes the change, and the other waits for it.
                guard reached == point || point == .verdictCommitted && reached == .disposalFound else { return }
                isDone.withLock { isDone in
                    guard !isDone, let path = Self.claimed(system) else { return }
                    isDone = true
                    Self.apply(change, to: path, system)
                }
            }
            let (events, logged) = try await system.running(hooks: hooks) { daemon in
                if let name = FileName("x.csv") { system.drop(Self.original, named: name) }
                _ = try await daemon.events("the end of x.csv") { events in
                    let names = Set(events.of(file: "x.csv").map(\.name))
                    if change == .vanishes { return names.contains("vanished") }
                    return names.contains("changed_after_post") || names.isSuperset(of: ["deferred", "succeeded"])
                }
                system.drop("good,1\n", as: "good.csv")
                let events = try await daemon.events("good.csv's verdict") { $0.verdict(of: "good.csv") != nil }
                return (events, daemon.logged)
            }
            #expect(isDone.withLock { $0 })
            #expect(events.verdict(of: "good.csv")?.name == "succeeded")
            try check(system, events)
            try Aftermath.check(system, events, logged: logged)
        }
    }

    /// Where the claimed file is now.
    private static func claimed(_ system: SystemFixture) -> RelativePath? {
        system.files().keys.first { $0.displayText.hasPrefix("spool/.active/") && $0.displayText.hasSuffix("/x.csv") }
    }

    private static func apply(_ change: Change, to path: RelativePath, _ system: SystemFixture) {
        switch change {
        case .vanishes: system.directory.removeFile(path)
        case .isTouched: system.directory.age(path, by: 100)
        case .isReplaced:
            let incoming = TemporaryDirectory.relative("incoming")
            system.directory.write(change.result ?? [], to: incoming)
            system.directory.rename(incoming, to: path)
        case .shrinks, .grows, .isRewritten: system.directory.write(change.result ?? [], to: path)
        }
    }

    private static func posted(_ system: SystemFixture) throws -> [[UInt8]] {
        try PostedBlob.all(of: system.emulator).map { try gunzip($0.bytes) }
    }
}
