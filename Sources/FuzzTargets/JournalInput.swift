import Glibc
import ResultJournal
import SpoolPrimitives

/// A journal as a crash or another hand left it: it is read, verified and gone on with, and nothing whole in it is lost.
enum JournalInput {
    private static let uuid = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
    private static let now = Timestamp(seconds: 1_767_323_045)

    static func check(_ bytes: [UInt8]) throws(Violation) {
        try checkVerifier(bytes)
        do {
            try Directory.with { path in try checkFile(bytes, path) }
        } catch let violation as Violation {
            throw violation
        } catch {
            throw Violation(sentence: "\(error)")
        }
    }

    /// However the bytes come, the findings are the same.
    private static func checkVerifier(_ bytes: [UInt8]) throws(Violation) {
        var whole = JournalVerifier(journal: uuid)
        whole.begin(file: "journal")
        whole.take(bytes)
        var pieces = JournalVerifier(journal: uuid)
        pieces.begin(file: "journal")
        var rest = bytes[...]
        while !rest.isEmpty {
            pieces.take(Array(rest.prefix(7)))
            rest = rest.dropFirst(7)
        }
        let report = whole.finish()
        try expect(pieces.finish() == report, "bytes that come in pieces are judged differently")
        try expect(report.problemCount <= report.lines * 2 + 1, "more problems than lines")
        for problem in report.problems { try expect("\(problem)".utf8.count <= bytes.count + 200, "a problem longer than the journal") }
    }

    private static func checkFile(_ bytes: [UInt8], _ path: String) throws {
        try Directory.write(bytes, to: path)
        let before = try JournalReader.verify(path: path, journal: uuid)
        let journal: JournalFile
        do throws(JournalError) { journal = try JournalFile(JournalOptions(path: path, journal: uuid), now: now) } catch {
            throw Violation(sentence: "it cannot be gone on with: \(error)")
        }
        let last = journal.lastSeq
        // A number at the end of the range leaves no next one.
        guard last < .max - 1 else { return }
        let line = Array(#"{"seq":\#(last + 1),"event":"noted","journal":"\#(uuid)"}"#.utf8) + [UInt8(ascii: "\n")]
        let result = try journal.append(lines: line, firstSeq: last + 1, lastSeq: last + 1, now: now)
        try expect(result.gap == nil, "a gap where none is")
        let after = try Directory.read(path)
        try expect(after.suffix(line.count) == line[...], "the line that was written is not the last")
        let kept = after.dropLast(line.count)
        // Another journal's file was moved out of the way, whole.
        try expect(kept.isEmpty || bytes.starts(with: kept), "what was in the journal was changed")
        try expect(kept.isEmpty || kept.last == UInt8(ascii: "\n"), "a torn line was written on")
        if kept.isEmpty { return }
        try expect(bytes.count - kept.count == Int(journal.tornBytes), "other bytes than the torn ones were cut")
        let report = try JournalReader.verify(path: path, journal: uuid)
        try expect(report.lines >= before.lines + 1, "whole lines were lost")
        // Behind a line that somebody gave a later number of ours a reader passes over what comes, as lines that it had.
        let isInOrder = before.problems.allSatisfy { if case .outOfOrder = $0.kind { false } else { true } }
        try checkReader(path, last: isInOrder ? last + 1 : nil)
    }

    /// Numbers only go up, as long as the lines are of one journal.
    private static func checkReader(_ path: String, last: Int64?) throws {
        let reader = try JournalReader(path: path, from: .beginning)
        var previous: (seq: Int64, journal: String?) = (0, nil)
        var end: Int64?
        while true {
            let lines = try reader.next()
            if lines.isEmpty { break }
            for line in lines {
                // Numbers without a journal are nobody's.
                guard let fields = line.fields, let seq = fields.lastSeq, let uuid = fields.journal else { continue }
                if uuid == previous.journal { try expect(seq > previous.seq, "seq \(seq) is delivered after \(previous.seq)") }
                previous = (seq, uuid)
                end = seq
            }
        }
        if let last { try expect(end == last && previous.journal == uuid, "the last line is not delivered") }
    }
}

/// A directory in memory where there is one, emptied before each input.
private enum Directory {
    private static let path: String = {
        let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(base)/kusto-spool-fuzz-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "mkdtemp")
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()
    private static let turn = Lock(())

    static func with(_ body: (String) throws -> Void) throws {
        try turn.withLock { _ in
            empty()
            defer { empty() }
            try body("\(path)/journal.ndjson")
        }
    }

    private static func empty() {
        guard let directory = opendir(path) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = String(decoding: DirectoryEntry.name(of: entry), as: UTF8.self)
            if name != ".", name != ".." { unlink("\(path)/\(name)") }
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws(Violation) {
        guard let file = fopen(path, "w") else { throw Violation(sentence: "\(path) cannot be written") }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Violation(sentence: "\(path) cannot be written") }
    }

    static func read(_ path: String) throws(Violation) -> [UInt8] {
        guard let file = fopen(path, "r") else { throw Violation(sentence: "\(path) is gone") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}
