import ResultJournal
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct JournalReaderTests {
    private func seqs(_ reader: JournalReader) throws -> [Int64?] {
        var seqs: [Int64?] = []
        while true {
            let lines = try reader.next()
            if lines.isEmpty { return seqs }
            seqs += lines.map { $0.fields?.lastSeq }
        }
    }

    @Test(
        "reading begins where it is told, in whatever file that is",
        arguments: [
            (JournalReader.Start.beginning, Int64(1)), (.seq(1), 1), (.seq(3), 3), (.seq(4), 4), (.seq(9), 9), (.seq(10), 10), (.end, 10),
        ])
    func start(start: JournalReader.Start, first: Int64) throws {
        try TemporaryDirectory.with { directory in
            let journal = try directory.journal { $0.rotateAt = ByteCount(line(1).count * 3) }
            for seq in Int64(1)...9 { try journal.append(seq...seq) }
            let reader = try JournalReader(path: directory.journalPath, from: start)
            #expect(try seqs(reader) == (first < 10 ? Array(first...9) : []))
            try journal.append(10...10)
            #expect(try seqs(reader) == [10])
        }
    }

    @Test("a follower sees each line once over rotations, restarts, torn lines and files moved by another hand")
    func follows() throws {
        try TemporaryDirectory.with { directory in
            let reader = try JournalReader(path: directory.journalPath, from: .beginning)
            #expect(try seqs(reader) == [])
            var journal = try directory.journal()
            try journal.append(1...2)
            #expect(try seqs(reader) == [1, 2])
            _ = try journal.rotate(now: now)
            try journal.append(3...3)
            _ = try journal.rotate(now: now)
            try journal.append(4...4)
            #expect(try seqs(reader) == [3, 4])
            // Torn by a crash, seen by the reader, cut by the restart, and another line written over it.
            directory.write(line(4) + line(5).dropLast(9), to: TemporaryDirectory.relative("journal.ndjson"))
            #expect(try seqs(reader) == [])
            journal = try directory.journal()
            try journal.append(5...6)
            #expect(try seqs(reader) == [5, 6])
            directory.rename(TemporaryDirectory.relative("journal.ndjson"), to: TemporaryDirectory.relative("elsewhere"))
            try journal.append(7...7)
            // The gap line stands for 4 to 6, which this reader had before.
            #expect(try seqs(reader) == [7])
        }
    }

    @Test("a wait ends by a line, by a wake-up, or by its time")
    func waits() throws {
        try TemporaryDirectory.with { directory in
            let journal = try directory.journal()
            let reader = try JournalReader(path: directory.journalPath, from: .end)
            #expect(try reader.wait(atMost: .zero) == .timedOut)
            let writer = WorkerThread(name: "writer") {
                do { try journal.append(1...1) } catch { preconditionFailure("\(error)") }
            }
            #expect(try reader.wait(atMost: nil) == .readable)
            writer.join()
            #expect(try seqs(reader) == [1])
            let waker = WorkerThread(name: "waker") { reader.wake() }
            while try reader.wait(atMost: nil) != .woken {}
            waker.join()
        }
    }

    @Test("lines that are no JSON are shown as they are, and those that are too long are passed over")
    func strangeLines() throws {
        try TemporaryDirectory.with { directory in
            let long = [UInt8](repeating: 120, count: 5 << 19) + [10]
            directory.write(line(1) + Array("hello\n".utf8) + long + line(2), to: TemporaryDirectory.relative("journal.ndjson"))
            let reader = try JournalReader(path: directory.journalPath, from: .beginning)
            #expect(try seqs(reader) == [1, nil, 2])
            #expect(reader.skippedLines == 1)
        }
    }

    @Test("another ledger's numbers begin anew, and its lines are delivered")
    func otherLedger() throws {
        try TemporaryDirectory.with { directory in
            try directory.journal().append(1...5)
            let reader = try JournalReader(path: directory.journalPath, from: .end)
            let other = "99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee"
            let journal = try directory.journal { $0.journal = other }
            try journal.append(lines: line(1, journal: other), firstSeq: 1, lastSeq: 1, now: now)
            #expect(try seqs(reader) == [1])
        }
    }

    @Test("a line of another hand with a number and without a journal hides none of the lines behind it")
    func strangersNumber() throws {
        try TemporaryDirectory.with { directory in
            let path = TemporaryDirectory.relative("journal.ndjson")
            directory.write(lines(1...2) + Array("{\"seq\":900}\n".utf8) + lines(3...4), to: path)
            #expect(try seqs(try JournalReader(path: directory.journalPath, from: .beginning)) == [1, 2, 900, 3, 4])
            directory.write(lines(1...2) + Array("{\"seq\":900}\n".utf8), to: path)
            let end = try JournalReader(path: directory.journalPath, from: .end)
            #expect(try directory.journal().append(3...3) == AppendResult())
            #expect(try seqs(end) == [3])
        }
    }

    @Test("a line of another hand with a journal and without a number lets none of the lines before it come again")
    func strangersJournal() throws {
        try TemporaryDirectory.with { directory in
            let path = TemporaryDirectory.relative("journal.ndjson")
            directory.write(lines(1...2) + Array("{\"journal\":\"another\"}\n".utf8) + lines(1...3), to: path)
            let reader = try JournalReader(path: directory.journalPath, from: .beginning)
            #expect(try reader.next().map { $0.fields?.lastSeq } == [1, 2, nil, 3])
        }
    }

    @Test("a follower goes on where the journal goes on when its directory is moved away and made anew")
    func directoryReplaced() throws {
        try TemporaryDirectory.with { directory in
            directory.makeDirectory("log")
            let path = directory.path("log/journal.ndjson")
            let journal = try JournalFile(JournalOptions(path: path, journal: journalUUID), now: now)
            let reader = try JournalReader(path: path, from: .beginning)
            try journal.append(1...2)
            #expect(try seqs(reader) == [1, 2])
            try journal.append(3...3)
            directory.rename(TemporaryDirectory.relative("log"), to: TemporaryDirectory.relative("old"))
            #expect(try seqs(reader) == [3])
            directory.makeDirectory("log")
            try journal.append(4...4)
            // The gap line, for 1 to 3, is about lines that this reader had.
            #expect(try reader.wait(atMost: .seconds(60)) != .woken)
            #expect(try seqs(reader) == [4])
            let writer = WorkerThread(name: "writer") { directory.append(line(5), to: TemporaryDirectory.relative("log/journal.ndjson")) }
            while try reader.wait(atMost: .seconds(60)) == .readable {
                let found = try seqs(reader)
                if found == [5] { break }
            }
            writer.join()
        }
    }
}
