import Glibc
import ResultJournal
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct JournalFileTests {
    @Test("lines are in the file byte for byte, in order, and the next start goes on after the last")
    func appends() throws {
        try TemporaryDirectory.with { directory in
            do {
                let journal = try directory.journal()
                #expect(journal.lastSeq == 0)
                #expect(try journal.append(1...3) == AppendResult())
                #expect(try journal.append(4...4) == AppendResult())
            }
            #expect(directory.read("journal.ndjson") == lines(1...4))
            #expect(try directory.journal().lastSeq == 4)
        }
    }

    @Test(
        "a torn last line is cut at the start, whatever it is",
        arguments: ["{\"seq\":3,\"ev", "x", "{", String(repeating: "y", count: 3 << 20)])
    func tornTail(torn: String) throws {
        try TemporaryDirectory.with { directory in
            directory.write(lines(1...2) + Array(torn.utf8), to: TemporaryDirectory.relative("journal.ndjson"))
            let journal = try directory.journal()
            #expect(journal.lastSeq == 2)
            #expect(journal.tornBytes == Int64(torn.utf8.count))
            try journal.append(3...3)
            #expect(directory.read("journal.ndjson") == lines(1...3))
        }
    }

    @Test("a file that is one torn line is cut to nothing, and a journal that is not there is begun", arguments: ["", "{\"seq\":1"])
    func nothingWhole(contents: String) throws {
        try TemporaryDirectory.with { directory in
            if !contents.isEmpty { directory.write(contents, to: "journal.ndjson") }
            let journal = try directory.journal()
            #expect(journal.lastSeq == 0)
            try journal.append(1...1)
            #expect(directory.read("journal.ndjson") == lines(1...1))
        }
    }

    @Test("numbers whose lines are nowhere are announced by a gap line, and the gap counts as the last line")
    func gap() throws {
        try TemporaryDirectory.with { directory in
            let journal = try directory.journal()
            try journal.append(1...2)
            #expect(try journal.append(7...7).gap == 3...6)
            let gap = #"{"event":"gap","from":3,"to":6,"journal":"\#(journalUUID)","at":"2026-01-02T03:04:05.000000Z"}"# + "\n"
            #expect(directory.read("journal.ndjson") == lines(1...2) + Array(gap.utf8) + line(7))
            let report = try JournalReader.verify(path: directory.journalPath)
            #expect(report.problems.map(\.kind) == [.announcedGap(from: 3, to: 6)])
            #expect(report.lastSeq == 7)
            directory.write(lines(1...2) + Array(gap.utf8), to: TemporaryDirectory.relative("journal.ndjson"))
            #expect(try directory.journal().lastSeq == 6)
        }
    }

    @Test("lines that the file has already are refused, and nothing is written")
    func alreadyWritten() throws {
        try TemporaryDirectory.with { directory in
            let journal = try directory.journal()
            try journal.append(1...4)
            let error = #expect(throws: JournalError.self) { try journal.append(4...5) }
            #expect(error?.kind == .alreadyWritten(lastSeq: 4))
            #expect(directory.read("journal.ndjson") == lines(1...4))
        }
    }

    @Test(
        "what is no whole lines of bounded length is refused",
        arguments: [[UInt8](), Array("{}".utf8), Array("\n".utf8), Array("{}\n\n".utf8), Array(repeating: 120, count: 1 << 20) + [10]])
    func malformed(bytes: [UInt8]) throws {
        try TemporaryDirectory.with { directory in
            let journal = try directory.journal()
            let error = #expect(throws: JournalError.self) { try journal.append(lines: bytes, firstSeq: 1, lastSeq: 1, now: now) }
            #expect(error?.kind == .malformedLines)
        }
    }

    @Test("a crash at any byte of an append leaves whole lines, and the next start goes on behind them")
    func everyTear() throws {
        try TemporaryDirectory.with { directory in
            let whole = lines(1...3)
            for length in 0...whole.count {
                let left = Array(whole.prefix(length))
                directory.write(left, to: TemporaryDirectory.relative("journal.ndjson"))
                let journal = try directory.journal()
                let count = Int64(left.filter { $0 == UInt8(ascii: "\n") }.count)
                #expect(journal.lastSeq == count)
                try journal.append(count + 1...4)
                #expect(directory.read("journal.ndjson") == lines(1...4))
            }
        }
    }

    @Test(
        "on a disk that is really full nothing is half-written, and the same lines go in when there is room",
        .enabled(if: OnOwnThread.mayMount, "needs CAP_SYS_ADMIN"))
    func fullDisk() throws {
        try TemporaryDirectory.with { directory in
            let kind = try OnOwnThread.inMountNamespace { () -> JournalError.Kind? in
                OnOwnThread.tmpfs(on: directory.path, size: 1 << 20)
                let journal = try directory.journal()
                try journal.append(1...10)
                directory.fill("filler", with: [UInt8](repeating: 1, count: 4096))
                // Longer than what is left of the file's last page, so that a part of it is written.
                let batch = Int64(11)...200
                var kind: JournalError.Kind?
                do throws(JournalError) { try journal.append(batch) } catch { kind = error.kind }
                #expect(directory.read("journal.ndjson") == lines(1...10))
                #expect(journal.lastSeq == 10)
                directory.removeFile(TemporaryDirectory.relative("filler"))
                #expect(try journal.append(batch) == AppendResult())
                #expect(try JournalReader.verify(path: directory.journalPath).isSound)
                return kind
            }
            #expect(kind == .some(.full))
        }
    }

    @Test(
        "a journal that was taken away while the disk is full announces its loss when there is room",
        .enabled(if: OnOwnThread.mayMount, "needs CAP_SYS_ADMIN"))
    func lossOnFullDisk() throws {
        try TemporaryDirectory.with { directory in
            let gap = try OnOwnThread.inMountNamespace { () -> ClosedRange<Int64>? in
                OnOwnThread.tmpfs(on: directory.path, size: 1 << 20)
                let journal = try directory.journal()
                try journal.append(1...10)
                // Renamed and not removed, which would make room for a line when the writer lets go of it.
                directory.rename(TemporaryDirectory.relative("journal.ndjson"), to: TemporaryDirectory.relative("journal.ndjson.1"))
                // An empty file needs no block, its first line does.
                directory.write("", to: "journal.ndjson")
                directory.fill("filler", with: [UInt8](repeating: 1, count: 4096))
                for _ in 1...2 {
                    let error = #expect(throws: JournalError.self) { try journal.append(11...12) }
                    #expect(error?.kind == .full)
                }
                directory.removeFile(TemporaryDirectory.relative("filler"))
                return try journal.append(11...12).gap
            }
            #expect(gap == 1...10)
        }
    }

    @Test("a journal that cannot be opened says what and why", arguments: ["link", "directory", "missing directory"])
    func unopenable(kind: String) throws {
        TemporaryDirectory.with { directory in
            var options = JournalOptions(path: directory.journalPath, journal: journalUUID)
            switch kind {
            case "link": symlink("/dev/null", directory.journalPath)
            case "directory": directory.makeDirectory("journal.ndjson")
            default: options.path = directory.path("no/journal.ndjson")
            }
            let error = #expect(throws: JournalError.self) { try JournalFile(options, now: now) }
            #expect(error.map { "\($0)".hasPrefix("cannot ") && "\($0)".contains(options.path) || kind == "missing directory" } == true)
        }
    }
}
