import ResultJournal
import SpoolDirectory
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct JournalRotationTests {
    @Test("a file that would become too large gets the name of its first seq, and the seq goes on over rotations and starts")
    func bySize() throws {
        try TemporaryDirectory.with { directory in
            for seq in Int64(1)...9 {
                // A start for each line: the last seq must be found whatever file it is in.
                let journal = try directory.journal { $0.rotateAt = ByteCount(line(1).count * 3) }
                #expect(journal.lastSeq == seq - 1)
                let rotated = try journal.append(seq...seq).rotatedTo
                #expect((rotated != nil) == (seq == 4 || seq == 7))
            }
            #expect(
                directory.journalNames() == [
                    "journal-00000000000000000001.ndjson", "journal-00000000000000000004.ndjson", "journal.ndjson",
                ])
            let report = try JournalReader.verify(path: directory.journalPath)
            #expect(report.isSound && report.lines == 9 && report.firstSeq == 1 && report.lastSeq == 9)
        }
    }

    @Test("an old file is rotated though it is small")
    func byAge() throws {
        try TemporaryDirectory.with { directory in
            let journal = try directory.journal()
            try journal.append(1...1, at: SystemTime().wallNow)
            #expect(try journal.append(2...2, at: SystemTime().wallNow + .seconds(23 * 3600)).rotatedTo == nil)
            #expect(
                try journal.append(3...3, at: SystemTime().wallNow + .seconds(25 * 3600)).rotatedTo == "journal-00000000000000000001.ndjson"
            )
        }
    }

    @Test("after a rotation that was cut short by a crash the last seq is the newest rotated file's")
    func crashInRotation() throws {
        try TemporaryDirectory.with { directory in
            do {
                let journal = try directory.journal()
                try journal.append(1...5)
                _ = try journal.rotate(now: now)
            }
            directory.removeFile(TemporaryDirectory.relative("journal.ndjson"))
            let journal = try directory.journal()
            #expect(journal.lastSeq == 5)
            #expect(try journal.append(6...6).gap == nil)
        }
    }

    @Test("a name that is taken already is not overwritten, and the order stays")
    func nameTaken() throws {
        try TemporaryDirectory.with { directory in
            directory.write("", to: "journal-00000000000000000001.ndjson")
            let journal = try directory.journal()
            try journal.append(1...5)
            #expect(try journal.rotate(now: now) == "journal-00000000000000000001-2.ndjson")
            try journal.append(6...6)
            #expect(try JournalReader.verify(path: directory.journalPath).isSound)
        }
    }

    @Test("files older than is kept are removed, but never the newest, which may hold the last seq")
    func purge() throws {
        try TemporaryDirectory.with { directory in
            do {
                let journal = try directory.journal()
                for seq in Int64(1)...3 {
                    try journal.append(seq...seq)
                    _ = try journal.rotate(now: now)
                }
            }
            directory.write("not ours", to: "notes.txt")
            for name in directory.names() where name.displayText != "journal.ndjson" { directory.age(RelativePath([name]), by: 40 * 86400) }
            let journal = try JournalFile(JournalOptions(path: directory.journalPath, journal: journalUUID), now: SystemTime().wallNow)
            #expect(directory.journalNames() == ["journal-00000000000000000003.ndjson", "journal.ndjson", "notes.txt"])
            #expect(journal.lastSeq == 3)
        }
    }

    @Test("another ledger's journal is moved out of the way, and its numbers are not continued")
    func otherLedger() throws {
        try TemporaryDirectory.with { directory in
            let other = "99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee"
            directory.write(line(500, journal: other), to: TemporaryDirectory.relative("journal-00000000000000000500.ndjson"))
            directory.write(line(501, journal: other), to: TemporaryDirectory.relative("journal.ndjson"))
            let journal = try directory.journal()
            #expect(journal.lastSeq == 0)
            try journal.append(1...1)
            #expect(
                directory.journalNames() == [
                    "journal-\(other)-00000000000000000500.ndjson", "journal-\(other)-00000000000000000501.ndjson", "journal.ndjson",
                ])
            #expect(try JournalReader.verify(path: directory.journalPath, journal: journalUUID).isSound)
        }
    }
}
