import SpoolPrimitives
import Testing

/// That the judge sees: each promise broken on purpose is found, and soon (house rule 13: a test of absence first shows that it can see presence).
@Suite struct SabotageTests {
    /// A rule that is broken, the promises under which that may be seen first, and the number of schedules in which it must be.
    struct Case: CustomTestStringConvertible {
        var sabotage: Sabotage
        var seenAs: [String]
        var within: Int
        var testDescription: String { sabotage.rawValue }
    }

    static let cases = [
        Case(sabotage: .losesUploads, seenAs: ["P3"], within: 20),
        Case(sabotage: .truncatesBlobs, seenAs: ["P3"], within: 20),
        Case(sabotage: .postsTwice, seenAs: ["P4"], within: 20),
        Case(sabotage: .deniesPosts, seenAs: ["P4"], within: 200),
        Case(sabotage: .deletesNotificationsAtOnce, seenAs: ["P2"], within: 2000),
        Case(sabotage: .claimsSuccess, seenAs: ["P1", "P2", "P3"], within: 20),
        Case(sabotage: .disposesEarly, seenAs: ["P1", "P2"], within: 40),
        Case(sabotage: .removesFiles, seenAs: ["P1", "P3"], within: 40),
        Case(sabotage: .forgetsCommits, seenAs: ["P1", "P2", "P4", "P5", "the engine ended"], within: 100),
        Case(sabotage: .forgetsPosting, seenAs: ["P1", "P2", "P4", "P5", "the engine ended"], within: 100),
        Case(sabotage: .repeatsJournalLine, seenAs: ["P5"], within: 20),
        Case(sabotage: .losesJournalLine, seenAs: ["P5", "the engine ended"], within: 40),
        Case(sabotage: .leaksSignature, seenAs: ["P6"], within: 40),
        Case(sabotage: .losesWakeUp, seenAs: ["P7"], within: 100),
    ]

    @Test("a broken rule is seen", arguments: cases)
    func seen(_ rule: Case) async {
        let found = await onOwnThread { () -> (schedules: Int, failures: [String])? in
            for seed in 1...UInt64(rule.within) {
                let failures = Schedule(seed: seed).run(sabotage: rule.sabotage).failures
                if !failures.isEmpty { return (Int(seed), failures) }
            }
            return nil
        }
        guard let (schedules, failures) = found else {
            Issue.record("\(rule.sabotage) was not seen in \(rule.within) schedules")
            return
        }
        print("simulation: \(rule.sabotage) is seen in schedule \(schedules): \(failures[0].prefix(120))")
        #expect(rule.seenAs.contains { failures[0].hasPrefix($0) }, "seen as something else: \(failures)")
    }
}
