import ResultJournal
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct JournalVerifierTests {
    private static let gap = String(decoding: JournalFormat.gapLine(2...3, journal: journalUUID, at: now), as: UTF8.self)

    private static func text(_ seqs: Int64...) -> String { String(decoding: seqs.flatMap { line($0) }, as: UTF8.self) }

    @Test(
        "every flaw is named with its line",
        arguments: [
            (text(1, 2, 3), []),
            ("", []),
            (text(5, 6), []),
            (text(1, 3), [(2, .missing(from: 2, to: 2))]),
            (text(1, 2, 2, 3), [(3, .outOfOrder(seq: 2, after: 2))]),
            (text(1, 3, 2, 4), [(2, .missing(from: 2, to: 2)), (3, .outOfOrder(seq: 2, after: 3))]),
            (text(1) + gap + text(4), [(2, .announcedGap(from: 2, to: 3))]),
            (text(1) + gap + text(3), [(2, .announcedGap(from: 2, to: 3)), (3, .outOfOrder(seq: 3, after: 3))]),
            (text(1) + "{\"seq\":2", [(2, .torn(bytes: 8))]),
            (text(1) + "hello\n" + text(2), [(2, .notJSON)]),
            (text(1) + "\n" + text(2), [(2, .notJSON)]),
            (text(1) + "{\"event\":\"x\"}\n" + text(2), [(2, .noSeq)]),
            (text(1) + String(repeating: "x", count: 1 << 20) + "\n" + text(2), [(2, .tooLong(bytes: 1 << 20 + 1))]),
            (text(1) + "{\"seq\":9,\"journal\":\"other\"}\n" + text(2), [(2, .otherJournal("other"))]),
            ("{\"event\":\"gap\",\"from\":3,\"to\":1}\n" + text(1), [(1, .noSeq)]),
        ] as [(String, [(Int, JournalProblem.Kind)])])
    func flaws(text: String, problems: [(Int, JournalProblem.Kind)]) {
        // Fed whole, and cut at every awkward place.
        for size in [Int.max, 7] where size == .max || text.utf8.count < 4096 {
            var verifier = JournalVerifier()
            verifier.begin(file: "f")
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                verifier.take(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            let report = verifier.finish()
            #expect(report.problems == problems.map { JournalProblem(file: "f", line: $0.0, kind: $0.1) })
            // A loss that the journal owns up to is none of its faults; anything else is.
            let faults = problems.filter { if case .announcedGap = $0.1 { false } else { true } }
            #expect(report.keepsItsPromise == faults.isEmpty)
            #expect(report.problems.allSatisfy { !$0.kind.advice.isEmpty })
        }
    }

    @Test("the rest of a line that is being written is waited for, and a line that stays torn is told")
    func unfinished() throws {
        try TemporaryDirectory.with { directory in
            let path = TemporaryDirectory.relative("journal.ndjson")
            directory.write(lines(1...2) + line(3).dropLast(4), to: path)
            #expect(
                try JournalReader.verify(path: directory.journalPath, patience: .milliseconds(1)).problems.map(\.kind) == [
                    .torn(bytes: line(3).count - 4)
                ])
            let writer = WorkerThread(name: "writer") { directory.append(Array(line(3).suffix(4)), to: path) }
            let report = try JournalReader.verify(path: directory.journalPath, patience: .seconds(60))
            writer.join()
            #expect(report.isSound && report.lastSeq == 3)
        }
    }

    @Test(
        "what is JSON and what is not",
        arguments: [
            (#"{}"#, true), (#"{"a":[1,-2.5e+3,true,false,null,"\u00e9\ud83d\ude00\n",{"b":{}}]}"#, true), (#" { "a" : 1 } "#, true),
            ("{\"a\":\"é\"}", true),
            (#"[]"#, false), (#"1"#, false), (#"{"a"}"#, false), (#"{"a":}"#, false), (#"{"a":1,}"#, false), (#"{"a":01}"#, false),
            (#"{"a":1.}"#, false),
            (#"{"a":+1}"#, false), (#"{"a":"\x"}"#, false), ("{\"a\":\"\t\"}", false), (#"{"a":"\u12g4"}"#, false), (#"{"a":tru}"#, false),
            (#"{} {}"#, false),
            (#"{"a":[}"#, false), (#"{"a":"#, false), (#"{"a":"b"#, false), (String(repeating: #"{"a":"#, count: 1000), false),
            ("\u{FEFF}{}", false),
            (#"{"seq":99999999999999999999999999}"#, true), (#"{"a":"\u+123"}"#, false),
        ])
    func json(text: String, isObject: Bool) {
        #expect((LineFields(Array(text.utf8)[...]) != nil) == isObject)
    }

    @Test("the fields are the line's own, not those of what is nested or quoted in it")
    func fields() {
        let line = #"{"seq":7,"detail":{"seq":9,"event":"gap","from":1,"to":2},"journal":"\u0061","text":"{\"seq\":8}","event":"queued"}"#
        let fields = LineFields(Array(line.utf8)[...])
        #expect(fields?.seq == 7 && fields?.journal == "a" && fields?.gap == nil && fields?.lastSeq == 7)
    }
}
