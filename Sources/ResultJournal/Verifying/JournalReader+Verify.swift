import Glibc
import SpoolPrimitives

extension JournalReader {
    /// Reads a whole journal, rotated files first, and says what is wrong with it: `kusto-spool journal verify`.
    ///
    /// Memory is bounded. Of a file that is being written meanwhile the last line is waited for; one that is rotated meanwhile is read where it went.
    /// Blocks as long as reading takes.
    /// - Parameters:
    ///   - journal: the UUID that lines must have; nil takes the first line's.
    ///   - patience: how long the rest of an unfinished last line is waited for.
    package static func verify(
        path: String, journal: String? = nil, patience: Duration = .zero
    ) throws(JournalError) -> JournalVerifier.Report {
        let directory = try JournalDirectory(ofJournal: path)
        var verifier = JournalVerifier(journal: journal)
        // Opened before anything is read: a rotation meanwhile renames them and loses none.
        let current = try directory.open(directory.currentName, flags: O_RDONLY | O_NONBLOCK)
        for rotated in try directory.rotated() {
            guard let file = try directory.open(rotated.name, flags: O_RDONLY | O_NONBLOCK) else { continue }
            if let current, try FileStatus(of: file, path: path).isSameFile(as: FileStatus(of: current, path: path)) { continue }
            try verify(file, named: rotated.name, in: directory, &verifier)
        }
        if let current {
            let changes = try JournalChanges(directory)
            var offset = try verify(current, named: directory.currentName, in: directory, &verifier)
            // A writer is in the middle of it, or a crash was. Each change may be another file's: a few are waited for.
            for _ in 0..<8 where verifier.isInLine && patience > .zero {
                _ = try changes.wait(atMost: patience)
                offset = try read(current, named: directory.currentName, from: offset, in: directory, &verifier)
            }
        }
        return verifier.finish()
    }

    @discardableResult
    private static func verify(
        _ file: Descriptor, named name: String, in directory: JournalDirectory, _ verifier: inout JournalVerifier
    ) throws(JournalError) -> Int64 {
        verifier.begin(file: name)
        return try read(file, named: name, from: 0, in: directory, &verifier)
    }

    /// - Returns: where the file ends by now.
    private static func read(
        _ file: Descriptor, named name: String, from start: Int64, in directory: JournalDirectory, _ verifier: inout JournalVerifier
    ) throws(JournalError) -> Int64 {
        var offset = start
        while true {
            let bytes = try file.read(256 << 10, at: offset, path: directory.path(of: name))
            if bytes.isEmpty { return offset }
            verifier.take(bytes)
            offset += Int64(bytes.count)
        }
    }
}
