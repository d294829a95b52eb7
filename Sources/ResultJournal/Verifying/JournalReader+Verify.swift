import Glibc
import SpoolPrimitives

extension JournalReader {
    /// Reads a whole journal, rotated files first, and says what is wrong with it: `kusto-spool journal verify`.
    ///
    /// Memory is bounded. A file that is being written meanwhile may end in a torn line; one that is rotated meanwhile is read where it went.
    /// Blocks as long as reading takes.
    /// - Parameter journal: the UUID that lines must have; nil takes the first line's.
    package static func verify(path: String, journal: String? = nil) throws(JournalError) -> JournalVerifier.Report {
        let directory = try JournalDirectory(ofJournal: path)
        var verifier = JournalVerifier(journal: journal)
        // Opened before anything is read: a rotation meanwhile renames them and loses none.
        let current = try directory.open(directory.currentName, flags: O_RDONLY | O_NONBLOCK)
        for rotated in try directory.rotated() {
            guard let file = try directory.open(rotated.name, flags: O_RDONLY | O_NONBLOCK) else { continue }
            if let current, try FileStatus(of: file, path: path).isSameFile(as: FileStatus(of: current, path: path)) { continue }
            try verify(file, named: rotated.name, in: directory, &verifier)
        }
        if let current { try verify(current, named: directory.currentName, in: directory, &verifier) }
        return verifier.finish()
    }

    private static func verify(
        _ file: Descriptor, named name: String, in directory: JournalDirectory, _ verifier: inout JournalVerifier
    ) throws(JournalError) {
        verifier.begin(file: name)
        var offset: Int64 = 0
        while true {
            let bytes = try file.read(256 << 10, at: offset, path: directory.path(of: name))
            if bytes.isEmpty { return }
            verifier.take(bytes)
            offset += Int64(bytes.count)
        }
    }
}
