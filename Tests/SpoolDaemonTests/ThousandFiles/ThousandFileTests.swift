import Glibc
import IngestionModel
import KustoEmulator
import Ledger
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// A thousand files of mixed formats and sizes through daemon and emulator over real sockets: what landed is what was dropped.
///
/// `SPOOL_SEED` replays a run, `SPOOL_LARGEST` changes the largest file's size in bytes (300 MB).
@Suite struct ThousandFileTests {
    @Test("a thousand files land row for row and byte for byte, and each is disposed of by its verdict")
    func thousand() async throws {
        let seed = Self.setting("SPOOL_SEED").flatMap { UInt64($0) } ?? RandomSource.system.unit().bitPattern
        print("thousand files: SPOOL_SEED=\(seed)")
        let plans = FilePlan.thousand(seed: seed, largest: Self.setting("SPOOL_LARGEST").flatMap { Int($0) } ?? 300_000_000)
        // Every file has a table of its own format; the large ones one each, so that comparing them holds one at a time.
        let routes = FilePlan.Kind.allCases.map { SystemFixture.Route($0.rawValue, table: "T_\($0.rawValue)", format: $0.rawValue) }
        try await SystemFixture.with(routes: routes, emulator: { $0.batchingDelay = .milliseconds(200) }) { system in
            let (events, logged) = try await system.running { daemon in
                for plan in plans { system.drop(plan.contents(), as: plan.name, into: plan.kind.rawValue) }
                let events = try await daemon.verdicts(plans.count, deadline: .seconds(600))
                return (events, daemon.logged)
            }
            try Self.checkJournal(events, plans)
            try Self.checkRows(system.emulator, events, plans)
            try Self.checkBlobs(system.emulator, events, plans)
            Self.checkDisposal(system, plans)
            try Self.checkLedger(system, plans)
            try Self.checkSecrets(system, logged)
        }
    }

    static func setting(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// P2, P5: one verdict a file, as planned; numbers without a gap.
    private static func checkJournal(_ events: JournalEvents, _ plans: [FilePlan]) throws {
        try checkVerdicts(events, plans)
        // Nothing went wrong on the way, so nothing may have been sent twice.
        for kind in ["reposted", "ambiguous", "superseded", "duplicated", "foreign", "held"] {
            #expect(events.named(kind).isEmpty, "\(kind)")
        }
    }

    static func checkVerdicts(_ events: JournalEvents, _ plans: [FilePlan]) throws {
        #expect(events.isGapless)
        #expect(events.verdicts.count == plans.count)
        for plan in plans {
            let verdict = try #require(events.verdict(of: plan.name), "\(plan.name) has no verdict")
            switch plan.fate {
            case .succeeds: #expect(verdict.name == "succeeded", "\(plan.name): \(verdict.reason ?? "")")
            case .fails(let code): #expect(verdict.name == "failed" && verdict.code == code, "\(plan.name): \(verdict.code ?? "")")
            case .skipped(let code): #expect(verdict.name == "skipped" && verdict.code == code, "\(plan.name): \(verdict.code ?? "")")
            }
        }
    }

    /// P3, row for row: per source, in order.
    private static func checkRows(_ emulator: Emulator, _ events: JournalEvents, _ plans: [FilePlan]) throws {
        var compared = 0
        for kind in FilePlan.Kind.allCases {
            let bySource = Dictionary(grouping: try emulator.rows("Test", "T_\(kind.rawValue)"), by: \.sourceID)
            var expectedSources: Set<String> = []
            for plan in plans where plan.kind == kind {
                guard case .succeeds = plan.fate, let source = events.verdict(of: plan.name)?.source else { continue }
                expectedSources.insert(source)
                let landed = (bySource[source] ?? []).map { row in row.texts.compactMap(\.self) }
                let dropped = plan.records()
                #expect(landed.count == dropped.count, "\(plan.name) has \(dropped.count) records")
                let differing = zip(landed, dropped).enumerated().first { $0.element.0 != $0.element.1 }?.offset
                #expect(differing == nil, "\(plan.name): the first record that differs")
                compared += dropped.count
            }
            #expect(Set(bySource.keys) == expectedSources, "rows of sources that should have none: \(kind)")
        }
        #expect(compared > 10_000, "the comparison compares something")
    }

    /// P3, byte for byte: the blob that each message names is the file.
    private static func checkBlobs(_ emulator: Emulator, _ events: JournalEvents, _ plans: [FilePlan]) throws {
        let blobs = Dictionary(grouping: emulator.blobs, by: \.name)
        let planOfSource = Dictionary(
            uniqueKeysWithValues: plans.compactMap { plan in events.verdict(of: plan.name)?.source.map { ($0, plan) } })
        #expect(emulator.receivedMessages.count == plans.count { if case .skipped = $0.fate { false } else { true } })
        for outcome in emulator.outcomes {
            let plan = try #require(planOfSource[outcome.sourceID])
            let name = PercentEncoding.decode(outcome.sourcePath).split(separator: "/").suffix(2).joined(separator: "/")
            let blob = try #require(blobs[name]?.first?.bytes, "\(name)")
            let isSame = plan.isGzip ? blob == plan.contents() : Gunzip.unpack(blob) == plan.contents()
            #expect(isSame, "\(plan.name) in \(name)")
        }
    }

    /// P1 and protocol.md §2: done/ or failed/ by the verdict, with a reason beside each failed one; nothing anywhere else.
    static func checkDisposal(_ system: SystemFixture, _ plans: [FilePlan]) {
        for kind in FilePlan.Kind.allCases {
            let spool = kind.rawValue
            let plans = plans.filter { $0.kind == kind }
            let good = Set(plans.filter { if case .succeeds = $0.fate { true } else { false } }.map(\.name))
            let days = system.directory.names(in: "\(spool)/done").map(\.displayText)
            let done = days.reduce(into: Set<String>()) {
                $0.formUnion(system.directory.names(in: "\(spool)/done/\($1)").map(\.displayText))
            }
            let failed = Set(system.directory.names(in: "\(spool)/failed").map(\.displayText)).subtracting([".reasons"])
            let reasons = Set(system.directory.names(in: "\(spool)/failed/.reasons").map(\.displayText))
            #expect(done == good)
            #expect(failed == Set(plans.map(\.name)).subtracting(good))
            #expect(reasons == Set(failed.map { "\($0).json" }))
            #expect(Set(system.directory.names(in: "\(spool)/.active").map(\.displayText)) == [".lock"])
            #expect(Set(system.directory.names(in: spool).map(\.displayText)) == [".active", ".spool", "done", "failed"])
        }
    }

    static func checkLedger(_ system: SystemFixture, _ plans: [FilePlan]) throws {
        let ledger = try LedgerReader(path: system.directory.path("state/ledger.sqlite"))
        let verdicts = try ledger.verdicts().reduce(into: [Verdict: Int]()) { $0[$1.verdict, default: 0] += $1.count }
        func count(_ isWanted: (FilePlan.Fate) -> Bool) -> Int { plans.count { isWanted($0.fate) } }
        #expect(verdicts[.succeeded] == count { if case .succeeds = $0 { true } else { false } })
        #expect(verdicts[.failed] == count { if case .fails = $0 { true } else { false } })
        #expect(verdicts[.skipped] == count { if case .skipped = $0 { true } else { false } })
        #expect(try ledger.counts().allSatisfy { $0.work == .remembered }, "every file is settled and disposed of")
        #expect(try ledger.outboxCount() == 0)
    }

    /// P6: the signatures and tokens that were on the wire are in nothing that was written.
    static func checkSecrets(_ system: SystemFixture, _ logged: [String]) throws {
        let message = try #require(system.emulator.receivedMessages.first)
        let sent = try #require(Base64Text.decode(message.text))
        #expect(sent.contains("sig="), "the wire has what is looked for")
        let token = try #require(system.directory.read("token").map { String(decoding: $0, as: UTF8.self) })
        var written = [logged.joined(separator: "\n")]
        for path in ["log/journal.ndjson", "state/ledger.sqlite", "state/ledger.sqlite-wal"] {
            written.append(String(decoding: system.directory.read(path) ?? [], as: UTF8.self))
        }
        for kind in FilePlan.Kind.allCases {
            for reason in system.directory.names(in: "\(kind.rawValue)/failed/.reasons") {
                written.append(
                    String(decoding: system.directory.read("\(kind.rawValue)/failed/.reasons/\(reason.displayText)") ?? [], as: UTF8.self))
            }
        }
        for text in written {
            #expect(!text.contains("sig="))
            #expect(!text.contains(token))
        }
        #expect(written.joined().count > 100_000, "something was looked through")
    }
}
