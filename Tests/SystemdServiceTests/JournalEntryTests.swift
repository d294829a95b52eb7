import CSystemd
import SystemdService
import Testing

@Suite struct JournalEntryTests {
    @Test(
        "a field's name becomes one that the journal takes, or the field is dropped",
        arguments: [
            ("SEQ", "SEQ"), ("seq", "SEQ"), ("source id", "SOURCE_ID"), ("a--b", "A_B"), ("_PID", "PID"), ("7files", "FILES"), ("x7", "X7"),
            ("größe", "GR_E"),
            ("", nil), ("_", nil), ("12", nil), ("message", nil), ("PRIORITY", nil), ("Message-Id", nil),
            (String(repeating: "A", count: 80), String(repeating: "A", count: 64)), ("A=B\nC", "A_B_C"),
        ] as [(String, String?)])
    func fieldNames(name: String, field: String?) {
        #expect(JournalEntry.fieldName(name) == field)
    }

    @Test("an entry is message, priority, id and fields, whatever is in them")
    func assignments() {
        let entry = JournalEntry(
            "line one\nline two", priority: .notice, id: .fileSucceeded,
            fields: [("seq", "7"), ("", "dropped"), ("file", "a=b\nPRIORITY=0")])
        let expected = [
            "MESSAGE=line one\nline two", "PRIORITY=5", "MESSAGE_ID=\(MessageID.fileSucceeded.text)", "SEQ=7", "FILE=a=b\nPRIORITY=0",
        ]
        #expect(entry.assignments == expected.map { Array($0.utf8) })
    }

    @Test("a value is cut, so that a server's reply cannot fill the journal")
    func longValues() {
        let entry = JournalEntry(String(repeating: "x", count: 1 << 20), priority: .error)
        #expect(entry.assignments[0].count == "MESSAGE=".utf8.count + JournalEntry.maximumValueLength)
    }

    @Test("C sees each assignment at its place and length, an empty list as none")
    func vectors() {
        let assignments = [Array("A=1".utf8), Array("B=".utf8), Array("C=\n\u{0}x".utf8)]
        let seen = SystemdJournal.withVectors(assignments) { vectors in
            vectors.map { vector in Array(UnsafeRawBufferPointer(start: vector.iov_base, count: vector.iov_len)) }
        }
        #expect(seen == assignments)
        #expect(SystemdJournal.withVectors([]) { $0.count } == 0)
    }

    @Test("the catalogue's numbers are 128 bits, each given once, and known by the event's name")
    func catalogue() {
        #expect(Set(MessageID.allCases.map(\.text)).count == MessageID.allCases.count)
        for id in MessageID.allCases {
            #expect(id.text.utf8.count == 32 && id.text.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        }
        #expect(MessageID(event: "succeeded") == .fileSucceeded)
        #expect(MessageID(event: "no such event") == nil)
    }

    @Test("without a journal sending does nothing and says so", .disabled(if: SystemdJournal.isThere, "this machine has a journal"))
    func noJournal() {
        #expect(SystemdJournal.send(message: "x", priority: .info) == .noJournal)
    }
}
