import ResultJournal
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

/// protocol.md §6: what another hand does to the journal is found before the next line, what is lost by it is announced by one gap line, nothing is
/// written twice, and the numbers go on.
@Suite struct OtherHandsTests {
    struct Tampering: Sendable, CustomTestStringConvertible {
        var name: String
        /// The lines 1 to 4 are in the journal.
        var act: @Sendable (TemporaryDirectory) -> Void
        /// What is lost by it.
        var gap: ClosedRange<Int64>?
        /// What else a verification finds.
        var others: [JournalProblem.Kind] = []
        var testDescription: String { name }
    }

    private static let current = TemporaryDirectory.relative("journal.ndjson")
    private static let stranger = "99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee"

    /// A file of these bytes takes the journal's place.
    private static func replace(_ directory: TemporaryDirectory, by bytes: [UInt8]) {
        directory.write(bytes, to: TemporaryDirectory.relative("new"))
        directory.rename(TemporaryDirectory.relative("new"), to: current)
    }

    static let tampering: [Tampering] = [
        Tampering(name: "removed", act: { $0.removeFile(current) }, gap: 1...4),
        Tampering(
            name: "renamed, as logrotate does", act: { $0.rename(current, to: TemporaryDirectory.relative("journal.ndjson.1")) }, gap: 1...4
        ),
        Tampering(
            name: "renamed and made anew, as logrotate's create does",
            act: { directory in
                directory.rename(current, to: TemporaryDirectory.relative("journal.ndjson-20260102"))
                directory.write("", to: "journal.ndjson")
            }, gap: 1...4),
        Tampering(
            name: "copied and cut, as logrotate's copytruncate does",
            act: { directory in
                directory.write(directory.read(current) ?? [], to: TemporaryDirectory.relative("journal.ndjson.1"))
                directory.overwrite(current, with: [])
            }, gap: 1...4),
        Tampering(
            name: "rotated by our own scheme",
            act: { $0.rename(current, to: TemporaryDirectory.relative("journal-00000000000000000001.ndjson")) }, gap: nil),
        Tampering(name: "cut in a line", act: { $0.overwrite(current, with: lines(1...3).dropLast(5)) }, gap: 3...4),
        Tampering(name: "cut between lines", act: { $0.overwrite(current, with: lines(1...3)) }, gap: 4...4),
        Tampering(name: "replaced by its beginning", act: { replace($0, by: lines(1...1)) }, gap: 2...4),
        Tampering(name: "replaced by a copy of itself", act: { replace($0, by: lines(1...4)) }, gap: nil),
        Tampering(
            name: "replaced by another ledger's journal", act: { replace($0, by: (500...501).flatMap { line($0, journal: stranger) }) },
            gap: 1...4),
        Tampering(name: "replaced by a text", act: { replace($0, by: Array("hello\n".utf8)) }, gap: 1...4, others: [.notJSON]),
        Tampering(name: "written to", act: { $0.overwrite(current, with: lines(1...4) + Array("hello".utf8)) }, gap: nil),
        Tampering(
            name: "given a line with a number that is not ours",
            act: { $0.overwrite(current, with: lines(1...4) + line(900, journal: stranger)) }, gap: nil, others: [.otherJournal(stranger)]),
        Tampering(
            name: "given a line with a number and no journal",
            act: { $0.overwrite(current, with: lines(1...4) + Array("{\"seq\":900}\n".utf8)) },
            gap: nil, others: [.noSeq]),
    ]

    private static func expect(_ directory: TemporaryDirectory, _ tampering: Tampering) throws {
        let report = try JournalReader.verify(path: directory.journalPath, journal: journalUUID)
        let gaps = tampering.gap.map { [JournalProblem.Kind.announcedGap(from: $0.lowerBound, to: $0.upperBound)] } ?? []
        #expect(report.problems.map(\.kind) == tampering.others + gaps)
        #expect(report.firstSeq == 1 && report.lastSeq == 7)
        #expect(report.keepsItsPromise == tampering.others.isEmpty)
    }

    @Test("a journal that another hand touched while it was open is gone on with, and what is lost is announced", arguments: tampering)
    func whileOpen(_ tampering: Tampering) throws {
        try TemporaryDirectory.with { directory in
            let journal = try directory.journal()
            try journal.append(1...4)
            tampering.act(directory)
            let result = try journal.append(5...6)
            #expect(result.wasReopened && result.gap == tampering.gap)
            #expect(try journal.append(7...7) == AppendResult())
            try Self.expect(directory, tampering)
        }
    }

    @Test("the same while it was closed, with the ledger's next number as the only witness", arguments: tampering)
    func whileClosed(_ tampering: Tampering) throws {
        try TemporaryDirectory.with { directory in
            try directory.journal().append(1...4)
            tampering.act(directory)
            let journal = try directory.journal()
            #expect(try journal.append(5...6).gap == tampering.gap)
            #expect(try journal.append(7...7) == AppendResult())
            try Self.expect(directory, tampering)
        }
    }

    @Test("lines that the outbox still has are no loss: a refresh tells from where on to write again", arguments: tampering)
    func refresh(_ tampering: Tampering) throws {
        try TemporaryDirectory.with { directory in
            let journal = try directory.journal()
            try journal.append(1...4)
            #expect(try journal.refresh(now: now) == 4)
            tampering.act(directory)
            #expect(try journal.refresh(now: now) == (tampering.gap.map { $0.lowerBound - 1 } ?? 4))
        }
    }

    @Test("a cut that comes between the look and the write leaves the gap line before the lines, and no line twice")
    func cutDuringAppend() throws {
        try TemporaryDirectory.with { directory in
            let cuts = Lock(0)
            let journal = try directory.journal {
                $0.hooks.beforeWrite = {
                    let isSecond = cuts.withLock { count in
                        count += 1
                        return count == 2
                    }
                    if isSecond { directory.overwrite(Self.current, with: []) }
                }
            }
            try journal.append(1...4)
            let result = try journal.append(5...6)
            #expect(result.gap == 1...4 && result.wasReopened)
            try journal.append(7...7)
            let report = try JournalReader.verify(path: directory.journalPath)
            #expect(report.problems.map(\.kind) == [.announcedGap(from: 1, to: 4)])
            #expect(report.lines == 4 && report.lastSeq == 7)
        }
    }

    @Test("a file that is cut at every append is given up on, with a word about who does it, and gone on with when that ends")
    func cutAtEveryAppend() throws {
        try TemporaryDirectory.with { directory in
            let isCutting = Lock(false)
            let journal = try directory.journal {
                $0.hooks.beforeWrite = {
                    if isCutting.withLock({ $0 }) { directory.overwrite(Self.current, with: [UInt8](repeating: 120, count: 3)) }
                }
            }
            try journal.append(1...4)
            isCutting.withLock { $0 = true }
            let error = #expect(throws: JournalError.self) { try journal.append(5...6) }
            #expect(error.map { "\($0)".contains("logrotate") } == true)
            isCutting.withLock { $0 = false }
            #expect(try journal.append(5...6).gap == 1...4)
            #expect(try JournalReader.verify(path: directory.journalPath).keepsItsPromise)
        }
    }

    @Test("a directory that was moved away and made anew gets the journal, and one that is missing is said to be")
    func directoryReplaced() throws {
        try TemporaryDirectory.with { directory in
            directory.makeDirectory("log")
            let path = directory.path("log/journal.ndjson")
            let journal = try JournalFile(JournalOptions(path: path, journal: journalUUID), now: now)
            try journal.append(1...2)
            directory.rename(TemporaryDirectory.relative("log"), to: TemporaryDirectory.relative("old"))
            let error = #expect(throws: JournalError.self) { try journal.append(3...4) }
            #expect(error.map { "\($0)".contains("install -d -m 0750") && "\($0)".contains(directory.path("log")) } == true)
            directory.makeDirectory("log")
            #expect(try journal.append(3...4).gap == 1...2)
            #expect(directory.read("old/journal.ndjson") == lines(1...2))
            let report = try JournalReader.verify(path: path)
            #expect(report.problems.map(\.kind) == [.announcedGap(from: 1, to: 2)] && report.lastSeq == 4)
        }
    }

    @Test(
        "a journal that may not be written says so with the command to look with, at the start and when it must be opened anew",
        .enabled(if: OnOwnThread.mayBecomeNobody, "needs CAP_SETUID"))
    func readOnly() throws {
        try TemporaryDirectory.with { directory in
            directory.makeDirectory("log", mode: 0o777)
            let path = directory.path("log/journal.ndjson")
            directory.setMode(".", 0o755)
            let texts = try OnOwnThread.asNobody { () -> [String] in
                var texts: [String] = []
                let journal = try JournalFile(JournalOptions(path: path, journal: journalUUID), now: now)
                try journal.append(1...2)
                directory.setMode("log/journal.ndjson", 0o444)
                // What is open stays open: read-only is what a journal may become without harm.
                try journal.append(3...4)
                do { _ = try JournalFile(JournalOptions(path: path, journal: journalUUID), now: now) } catch { texts.append("\(error)") }
                directory.rename(TemporaryDirectory.relative("log/journal.ndjson"), to: TemporaryDirectory.relative("log/journal.ndjson.1"))
                directory.write("", to: "log/journal.ndjson")
                directory.setMode("log/journal.ndjson", 0o444)
                do { try journal.append(5...6) } catch { texts.append("\(error)") }
                directory.setMode("log/journal.ndjson", 0o644)
                #expect(try journal.append(5...6).gap == 1...4)
                return texts
            }
            #expect(texts?.count == 2)
            for text in texts ?? [] { #expect(text.contains("Permission denied") && text.contains("namei -l")) }
        }
    }

    @Test("what is no regular file is not written to")
    func notRegular() throws {
        try TemporaryDirectory.with { directory in
            let journal = try directory.journal()
            try journal.append(1...2)
            directory.removeFile(Self.current)
            directory.makeFIFO("journal.ndjson")
            let error = #expect(throws: JournalError.self) { try journal.append(3...3) }
            #expect(error?.kind == .system && error.map { "\($0)".contains("no regular file") } == true)
            directory.removeFile(Self.current)
            #expect(try journal.append(3...3).gap == 1...2)
        }
    }

    @Test("retention removes rotated files only, and no copy that somebody gave a name like theirs")
    func copiesStay() throws {
        try TemporaryDirectory.with { directory in
            let copies = ["journal-copy.ndjson", "journal-2026-01-02.ndjson", "journal-0001.ndjson"]
            let rotated = [
                "journal-00000000000000000001.ndjson", "journal-00000000000000000001-2.ndjson",
                "journal-\(Self.stranger)-00000000000000000005.ndjson",
            ]
            for name in copies + rotated {
                directory.write("x\n", to: name)
                directory.age(TemporaryDirectory.relative(name), by: 40 * 86400)
            }
            directory.write(lines(7...7), to: TemporaryDirectory.relative("journal-00000000000000000007.ndjson"))
            _ = try JournalFile(JournalOptions(path: directory.journalPath, journal: journalUUID), now: SystemTime().wallNow)
            #expect(Set(directory.journalNames()) == Set(copies + ["journal-00000000000000000007.ndjson", "journal.ndjson"]))
        }
    }
}
