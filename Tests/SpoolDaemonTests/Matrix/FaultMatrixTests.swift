import KustoEmulator
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// Every fault of the cloud at every endpoint: the real daemon, its files, and an oracle that keeps every obligation.
@Suite(.serialized) struct FaultMatrixTests {
    private static let width = Matrix.isLong ? 8 : 6

    /// What came of one case.
    private struct Outcome: Sendable {
        var item: FaultCase
        var hits: Int
        var judgement: CrashOracle.Judgement
    }

    @Test("whatever the cloud does, each file has one verdict, its rows are its rows, and every repeat was announced")
    func faults() async throws {
        var random = SeededRandom.replayable("fault matrix")
        // `KUSTO_SPOOL_FAULT` names the cases to run again, by words of their description.
        let all = (FaultCase.requests + FaultCase.notifications + FaultCase.changes).filter { item in
            Matrix.variable("KUSTO_SPOOL_FAULT").map { item.description.contains($0) } ?? true
        }
        // The short form takes as many as it has time for, others each time; the long one all of them.
        let cases = Matrix.isLong ? all : Array(all.shuffled(using: &random).prefix(48))
        let seed = random.next()
        let outcomes = await sideBySide(cases, atMost: Self.width) { await Self.judged($0, seed) }.compactMap(\.self)
        #expect(outcomes.count == cases.count)
        try publish(outcomes, of: all.count)
    }

    private func publish(_ outcomes: [Outcome], of count: Int) throws {
        let all = outcomes.map(\.judgement).reduce(CrashOracle.Judgement(), +)
        var matrix = Matrix(
            "faults",
            caption: """
                \(outcomes.count) of \(count) faults, each in a run of its own. Files \(all.files), verdicts \(all.verdicts), lost \(all.lost), messages ingested more \
                than once \(all.duplicates), repeats announced \(all.announced), rows compared \(all.rows).
                """,
            columns: ["endpoint", "fault", "hits", "files", "verdicts", "lost", "ingested again", "announced", "rows compared"])
        for outcome in outcomes.sorted(by: { ($0.item.endpoint, $0.item.fault) < ($1.item.endpoint, $1.item.fault) }) {
            let found = outcome.judgement
            matrix.add(
                [outcome.item.endpoint, outcome.item.fault]
                    + [outcome.hits, found.files, found.verdicts, found.lost, found.duplicates, found.announced, found.rows].map { "\($0)" }
            )
            #expect(outcome.hits > 0, "\(outcome.item): the fault never happened")
        }
        try matrix.publish()
        #expect(all.lost == 0 && all.verdicts == all.files)
    }

    private static func judged(_ item: FaultCase, _ seed: UInt64) async -> Outcome? {
        do {
            var outcome = try await run(item, seed)
            // A fault by chance may miss a run of some forty requests altogether: it says nothing then, and another draw is taken.
            for draw in 1...4 where outcome.hits == 0 && item.rule.contains("percent") {
                outcome = try await run(item, seed &+ UInt64(draw))
            }
            return outcome
        } catch {
            Issue.record("\(item): \(error)")
            return nil
        }
    }

    /// Small files, one that goes up in blocks, one that the service refuses, and a route whose verdicts come by table.
    private static func files(_ random: inout SeededRandom) -> [CrashFiles.Dropped] {
        var files = (0..<5).map { number in
            CrashFiles.Dropped(spool: "spool", path: "small\(number).csv", contents: "small\(number),1\nsmall\(number)b,2\n")
        }
        var large = ""
        for line in 0..<6000 { large += "large\(line),\(String(random.next(), radix: 16))\(String(random.next(), radix: 16))\n" }
        files.append(CrashFiles.Dropped(spool: "spool", path: "large.csv", contents: large))
        files.append(CrashFiles.Dropped(spool: "spool", path: "ragged.csv", contents: "ragged,1\nragged\n", verdict: "failed"))
        for number in 0..<3 {
            files.append(CrashFiles.Dropped(spool: "reported", path: "status\(number).csv", contents: "status\(number),1\n"))
        }
        return files
    }

    private static func run(_ item: FaultCase, _ seed: UInt64) async throws -> Outcome {
        var random = SeededRandom(seed: seed)
        let files = files(&random).filter { item.keepsStatuses || $0.spool != "reported" }
        let rules = try FaultDocument.read(Array(#"{"rules": [\#(item.rule)]}"#.utf8))
        let routes = [
            SystemFixture.Route(options: ["on_ambiguous: wait 1 s"] + Travels.draw(&random).options),
            SystemFixture.Route("reported", table: "Reported", options: ["on_ambiguous: wait 1 s", "report: { method: table }"]),
        ]
        return try await SystemFixture.with(
            routes: routes, usesClientSecret: true, topLevel: ["limits: { upload_block_size: 64 KiB, memory: 16 MiB }"],
            emulator: {
                $0.seed = seed
                $0.faults = rules.requests
                $0.notificationFaults = rules.notifications
            }
        ) { system in
            let (_, ended) = try await system.runningProgram { program, pool in
                for file in files { system.drop(file.contents, as: file.path, into: file.spool) }
                do {
                    try await FileWatch.wait(
                        for: "verdicts of all", in: system.journalPath, deadline: .seconds(240), every: .milliseconds(500), on: pool
                    ) { program.hasEnded || isOver(JournalEvents(parsing: $0), files, system) }
                } catch {
                    let journal = JournalEvents(parsing: system.directory.read("log/journal.ndjson") ?? [])
                    let events = journal.events.map {
                        "\($0.object["at"]?.text?.suffix(16) ?? "") \($0.file ?? "") \($0.name) \($0.reason ?? "")"
                    }
                    throw TestSupportError("\(error); the journal has \(events.joined(separator: "\n"))")
                }
                if program.hasEnded { throw TestSupportError("the daemon ended by itself") }
            }
            #expect(ended.status == 0, "\(item): ended with \(ended.status)\n\(ended.errors.suffix(1500))")
            let hits = system.emulator.faults.totalFired + system.emulator.notificationFaults.totalFired
            let oracle = CrashOracle(
                system: system, files: files, logged: ended.errors.split(separator: "\n").map(String.init), context: "\(item)")
            return Outcome(item: item, hits: hits, judgement: try await oracle.judge())
        }
    }

    /// Every file has the verdict that it should have in the end, and is where that sends it.
    private static func isOver(_ journal: JournalEvents, _ files: [CrashFiles.Dropped], _ system: SystemFixture) -> Bool {
        guard journal.verdicts.count >= files.count else { return false }
        let isRight = files.allSatisfy { file in
            journal.of(file: file.path).contains {
                $0.name == file.verdict || $0.name == "corrected" && $0.object["verdict"]?.text == file.verdict
            }
        }
        return isRight && system.routes.allSatisfy { CrashFiles.unsettled(in: system.directory, spool: $0.name) == 0 }
    }
}
