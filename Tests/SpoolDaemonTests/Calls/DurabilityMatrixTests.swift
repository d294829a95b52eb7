import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import SystemTestSupport
import Testing

/// The order of durability (protocol.md §3): what the daemon's system calls show of what is on disk before what.
@Suite struct DurabilityMatrixTests {
    /// A flush that a run leaves out, as if the program did not make it.
    struct LeftOut: Sendable, CustomStringConvertible {
        var description: String
        var calls: [String]
        var on: String
        /// The rules that must be seen broken, by the words that begin them.
        var breaks: Set<String>
    }

    static let leftOut = [
        LeftOut(
            description: "fsync of the claim's directory", calls: ["fsync"], on: "/.active/", breaks: ["a claim is in its directories"]),
        LeftOut(description: "fsync of the spool's root", calls: ["fsync"], on: "/spool$", breaks: ["a claim is in its directories"]),
        LeftOut(
            description: "flushes of the ledger", calls: ["fsync", "fdatasync"], on: "/ledger.sqlite-wal$",
            breaks: [
                "a claim is committed", "no byte of a file", "no message is posted", "a 201 is committed",
                "a verdict is committed before its notification", "a verdict is committed before its file", "a disposal is committed",
                "what the journal has",
            ]),
        LeftOut(description: "fsync of done/", calls: ["fsync"], on: "/done/", breaks: ["a moved file is in its directory"]),
        LeftOut(description: "fsync of failed/", calls: ["fsync"], on: "/failed$", breaks: ["a moved file is in its directory"]),
        LeftOut(description: "fsync of the reasons' directory", calls: ["fsync"], on: "/.reasons$", breaks: ["a reason is on disk"]),
        LeftOut(description: "fsync of the reason's file", calls: ["fsync"], on: "/.reasons/", breaks: ["a reason has its bytes"]),
        LeftOut(description: "flushes of the journal", calls: ["fdatasync"], on: "/journal.ndjson$", breaks: ["a line is in the journal"]),
    ]

    @Test("everything is on disk before what protocol.md §3 lets follow from it, and a flush that is left out is seen")
    func order() async throws {
        var matrix = Matrix(
            "durability",
            caption: "What must be on disk before what, as the trace of the daemon's durable system calls shows it.",
            columns: ["protocol.md", "rule", "times seen", "kept", "seen broken without"])
        let findings = try await findings(CountedCalls(isTraced: true))
        var seenBroken: [String: [String]] = [:]
        for leftOut in Self.leftOut {
            let calls = CountedCalls(calls: leftOut.calls, on: leftOut.on, deed: .drop, at: 1, times: 0, isTraced: true)
            let broken = try await self.findings(calls).filter { !$0.finding.missing.isEmpty }.map(\.rule.name)
            for rule in broken { seenBroken[rule, default: []].append(leftOut.description) }
            for prefix in leftOut.breaks {
                #expect(broken.contains { $0.hasPrefix(prefix) }, "without \(leftOut) the rule '\(prefix)…' was not seen broken: \(broken)")
            }
            for rule in broken {
                #expect(leftOut.breaks.contains { rule.hasPrefix($0) }, "without \(leftOut) another rule broke: \(rule)")
            }
        }
        for (rule, finding) in findings {
            #expect(finding.seen > 0, "\(rule.name): never seen")
            #expect(finding.missing.isEmpty, "\(rule.name): \(finding.missing)")
            matrix.add([
                rule.step, rule.name, "\(finding.seen)", finding.missing.isEmpty ? "yes" : "no",
                (seenBroken[rule.name] ?? []).joined(separator: ", "),
            ])
            #expect(seenBroken[rule.name] != nil, "no run shows that '\(rule.name)' could fail")
        }
        try matrix.publish()
    }

    /// Files one at a time, each at its place before the next: one to done/, one to failed/.
    private func findings(_ calls: CountedCalls) async throws -> [(rule: DurabilityRule, finding: DurabilityRule.Finding)] {
        try await SystemFixture.with { system in
            let ((), ended) = try await system.runningProgram(
                "kusto-spool-crashing", [system.configurationPath, "filesClaimed", "0", "", ""],
                environment: calls.environment(in: system.directory)
            ) { _, pool in
                for (index, contents) in ["a,1\nb,2\n", "a,1\nb\n", "c,3\n"].enumerated() {
                    system.drop(contents, as: "\(index).csv")
                    let mark = "> unlink \(system.directory.path("marks/disposalCommitted"))"
                    try await FileWatch.wait(for: "the disposal of \(index).csv", in: system.directory.path(CountedCalls.trace), on: pool) {
                        String(decoding: $0, as: UTF8.self).split(separator: "\n").count { $0.hasSuffix(mark) } > index
                    }
                }
            }
            #expect(ended.status == 0, "\(ended.errors.suffix(2000))")
            #expect(system.files().keys.count { $0.displayText.hasPrefix("spool/done/") } == 2)
            #expect(system.files().keys.count { $0.displayText.hasPrefix("spool/failed/") } == 1)
            if calls.deed != nil { #expect(try CountedCalls.counted(in: system.directory).tampered > 0, "nothing was left out") }
            let trace = try CountedCalls.trace(in: system.directory)
            return DurabilityRule.all.map { ($0, $0.look(at: trace)) }
        }
    }
}
