import KustoEmulator
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// The thousand files again, on routes that let them travel together: the same rows and the same verdicts, out of other blobs.
///
/// `SPOOL_SEED` replays a run.
@Suite struct ThousandTogetherTests {
    @Test("a thousand files that travel together land row for row, and each has the verdict that it has alone")
    func together() async throws {
        let seed = ThousandFileTests.setting("SPOOL_SEED").flatMap { UInt64($0) } ?? RandomSource.system.unit().bitPattern
        print("thousand files together: SPOOL_SEED=\(seed)")
        let plans = FilePlan.thousand(seed: seed, largest: 3_000_000)
        let random = RandomSource.seeded(seed)
        let routes = FilePlan.Kind.allCases.map { kind in
            let files = 2 + Int(random.unit() * random.unit() * 200)
            let options = [
                "coalesce: { max_files: \(files), max_bytes: \(random.unit() < 0.5 ? "200 KiB" : "64 MiB"), max_wait: 100 ms }",
                "compression: \(random.unit() < 0.3 ? "none" : "auto")",
            ]
            return SystemFixture.Route(kind.rawValue, table: "T_\(kind.rawValue)", format: kind.rawValue, options: options)
        }
        try await SystemFixture.with(routes: routes, emulator: { $0.batchingDelay = .milliseconds(200) }) { system in
            let (events, logged) = try await system.running { daemon in
                for plan in plans { system.drop(plan.contents(), as: plan.name, into: plan.kind.rawValue) }
                let events = try await daemon.verdicts(plans.count, deadline: .seconds(300))
                return (events, daemon.logged)
            }
            try ThousandFileTests.checkVerdicts(events, plans)
            try Self.checkRows(system.emulator, events, plans)
            try Self.checkBlobs(system.emulator, events, plans)
            ThousandFileTests.checkDisposal(system, plans)
            try ThousandFileTests.checkLedger(system, plans)
            try ThousandFileTests.checkSecrets(system, logged)
            let fsck = try await system.command("fsck")
            #expect(fsck.status == 0, "\(fsck.output)")
        }
    }

    /// Each record is of one file and says which; every file's land once, in their order, and by the source of its verdict.
    private static func checkRows(_ emulator: Emulator, _ events: JournalEvents, _ plans: [FilePlan]) throws {
        var compared = 0
        var sources: Set<String> = []
        for kind in FilePlan.Kind.allCases {
            let landed = Dictionary(grouping: try emulator.rows("Test", "T_\(kind.rawValue)")) { row in
                Int((row.texts.first ?? nil)?.prefix { $0 != "-" } ?? "") ?? -1
            }
            var expected: Set<Int> = []
            for plan in plans where plan.kind == kind {
                guard case .succeeds = plan.fate else { continue }
                expected.insert(plan.index)
                let rows = landed[plan.index] ?? []
                #expect(rows.map { $0.texts.compactMap(\.self) } == plan.records(), "\(plan.name)")
                let source = events.verdict(of: plan.name)?.source
                #expect(rows.allSatisfy { $0.sourceID == source }, "\(plan.name) landed by another source than its verdict's")
                sources.formUnion(source.map { [$0] } ?? [])
                compared += rows.count
            }
            #expect(Set(landed.keys) == expected, "rows of files that should have none: \(kind)")
        }
        #expect(compared > 10_000, "the comparison compares something")
        #expect(sources.count < plans.count * 3 / 4, "\(sources.count) sources for \(plans.count) files: few travel together")
    }

    /// The blob of each message is the files that its source has not lost, one behind the other as they were accepted.
    private static func checkBlobs(_ emulator: Emulator, _ events: JournalEvents, _ plans: [FilePlan]) throws {
        let planOf = Dictionary(uniqueKeysWithValues: plans.map { ($0.name, $0) })
        var filesOf: [String: [String]] = [:]
        for event in events.events {
            guard let source = event.source, let file = event.file else { continue }
            switch event.name {
            case "accepted": filesOf[source, default: []].append(file)
            case "separated", "superseded":
                if event.name == "separated" { filesOf[source]?.removeAll { $0 == file } }
                if let successor = event.object["successor"]?.text { filesOf[successor, default: []].append(file) }
            default: break
            }
        }
        let blobs = Dictionary(grouping: emulator.blobs, by: \.name)
        var together = 0
        for outcome in emulator.outcomes {
            let files = try #require(filesOf[outcome.sourceID]).compactMap { planOf[$0] }
            let name = PercentEncoding.decode(outcome.sourcePath).split(separator: "/").suffix(2).joined(separator: "/")
            let blob = try #require(blobs[name]?.first?.bytes, "\(name)")
            let whole = files.flatMap { $0.contents() }
            let isSame = files.count == 1 && files[0].isGzip || !name.hasSuffix(".gz") ? blob == whole : Gunzip.unpack(blob) == whole
            #expect(isSame, "\(files.map(\.name)) in \(name)")
            if files.count > 1 { together += 1 }
        }
        #expect(together > 10, "\(together) blobs of several files")
    }
}
