import SpoolDirectory
import SpoolPrimitives
import Testing

@Suite struct CompletenessTests {
    private static let second: Int64 = 1_000_000_000
    private static let start: Int64 = 1_767_323_000

    /// A file of so many bytes, its times so many seconds after the start, looked at so many seconds after it.
    static func seen(_ at: Int64, size: Int64 = 10, modified: Int64 = 0, changed: Int64? = nil) -> FileObservation {
        FileObservation(
            size: size, modified: (start + modified) * second, changed: (start + (changed ?? modified)) * second,
            at: Timestamp(seconds: start + at))
    }

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var rule = Completeness.Rule.closed
        var hint = Completeness.Hint.none
        var now: FileObservation
        var earlier: FileObservation?
        var marker: FileObservation?
        var decision: Completeness.Decision
    }

    private static func wait(_ seconds: Int) -> Completeness.Decision { .notYet(lookAgainAfter: .seconds(seconds)) }

    static let cases: [Case] = [
        Case(testDescription: "renamed in", hint: .movedIn, now: seen(0), decision: .complete),
        Case(testDescription: "closed after writing", hint: .closedAfterWriting, now: seen(0), decision: .complete),
        Case(testDescription: "found by a scan, just written", now: seen(0), decision: wait(10)),
        Case(testDescription: "found by a scan, written a while ago", now: seen(4), decision: wait(6)),
        Case(testDescription: "found by a scan, long at rest", now: seen(10), decision: .complete),
        Case(testDescription: "old mtime, but touched just now: cp -p", now: seen(100, modified: 0, changed: 99), decision: wait(9)),
        Case(
            testDescription: "old mtime, unchanged since a look", now: seen(100, changed: 95), earlier: seen(96, changed: 95),
            decision: wait(5)),
        Case(
            testDescription: "unchanged for ten seconds of ours", now: seen(100, modified: 5000), earlier: seen(90, modified: 5000),
            decision: .complete),
        Case(
            testDescription: "grew between two looks", now: seen(15, size: 20, modified: 14), earlier: seen(5, modified: 4),
            decision: wait(9)),
        Case(
            testDescription: "grew with its mtime set back", now: seen(15, size: 20, modified: 4, changed: 15),
            earlier: seen(5, modified: 4), decision: wait(10)),
        Case(testDescription: "from the future, first look", now: seen(0, modified: 5000), decision: wait(10)),
        Case(testDescription: "the clock was set back", now: seen(-500, modified: 0), earlier: seen(0, modified: 0), decision: wait(10)),
        Case(testDescription: "quiet: a hint is no proof", rule: .quiet, hint: .closedAfterWriting, now: seen(0), decision: wait(10)),
        Case(testDescription: "quiet: at rest", rule: .quiet, now: seen(11), decision: .complete),
        Case(testDescription: "rename: visible is complete", rule: .rename, now: seen(0), decision: .complete),
        Case(testDescription: "marker: none", rule: .marker(suffix: ".done"), hint: .movedIn, now: seen(100), decision: wait(10)),
        Case(
            testDescription: "marker: newer", rule: .marker(suffix: ".done"), now: seen(0), marker: seen(0, modified: 1),
            decision: .complete),
        Case(testDescription: "marker: as old", rule: .marker(suffix: ".done"), now: seen(0), marker: seen(0), decision: .complete),
        Case(
            testDescription: "marker: of an earlier file", rule: .marker(suffix: ".done"), now: seen(0), marker: seen(0, modified: -1),
            decision: wait(600)),
        Case(
            testDescription: "marker: older than its file, which nobody has touched for ten minutes", rule: .marker(suffix: ".done"),
            now: seen(600), marker: seen(600, modified: -1), decision: .complete),
        Case(
            testDescription: "marker: older than a file that still grows", rule: .marker(suffix: ".done"),
            now: seen(700, size: 20, modified: 650), earlier: seen(90), marker: seen(700, modified: -1), decision: wait(550)),
    ]

    @Test("a file is complete when its rule says so, and not a moment before", arguments: cases)
    func decides(example: Case) {
        let completeness = Completeness(rule: example.rule)
        #expect(
            completeness.decide(name("a.csv"), hint: example.hint, now: example.now, earlier: example.earlier, marker: example.marker)
                == example.decision)
    }

    @Test("markers are known by their suffix, and are no files themselves")
    func markers() {
        let completeness = Completeness(rule: .marker(suffix: ".done"))
        #expect(completeness.marker(of: name("a.csv")) == name("a.csv.done"))
        #expect(completeness.fileName(ofMarker: name("a.csv.done")) == name("a.csv"))
        #expect(completeness.fileName(ofMarker: name(".done")) == nil)
        #expect(completeness.fileName(ofMarker: name("a.csv")) == nil)
        #expect(completeness.decide(name("a.csv.done"), hint: .movedIn, now: Self.seen(100)) == .isMarker)
        #expect(completeness.marker(of: name(String(repeating: "x", count: 251))) == nil)
        #expect(!Completeness(rule: .closed).isMarker(name("a.csv.done")))
    }

    @Test("only a rule that needs no look does without one")
    func unseen() {
        #expect(Completeness(rule: .rename).isCompleteUnseen(name("a"), hint: .none))
        #expect(Completeness(rule: .closed).isCompleteUnseen(name("a"), hint: .movedIn))
        #expect(!Completeness(rule: .closed).isCompleteUnseen(name("a"), hint: .none))
        #expect(!Completeness(rule: .quiet).isCompleteUnseen(name("a"), hint: .movedIn))
        #expect(!Completeness(rule: .marker(suffix: ".done")).isCompleteUnseen(name("a"), hint: .movedIn))
    }
}
