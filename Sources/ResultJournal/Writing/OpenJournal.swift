import CLinux
import Glibc
import SpoolPrimitives

/// The current file, open for appending.
struct OpenJournal {
    var descriptor: Descriptor
    /// The length of its whole lines, which is its length.
    var size: Int64
    /// When it was made, as far as the file system knows; else when it was opened.
    var begun: Timestamp

    struct Opened {
        var file: OpenJournal
        /// Its last line that is one of ours.
        var last: LineFields?
        /// How many bytes of a torn line were cut.
        var torn: Int64
    }

    /// Opens the file, making it where there is none, and cuts what is behind its last newline. File and name are durable.
    ///
    /// - Parameter journal: whose lines count as ours.
    static func open(in directory: JournalDirectory, journal: String, now: Timestamp) throws(JournalError) -> Opened {
        let path = directory.path(of: directory.currentName)
        guard let descriptor = try directory.open(directory.currentName, flags: O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK) else {
            preconditionFailure("O_CREAT finds a file or fails")
        }
        let status = try FileStatus(of: descriptor, path: path)
        guard status.isRegular else {
            throw JournalError(.system, "write to", path, hint: "It is no regular file: see 'ls -l', and move what is there away")
        }
        let size = status.size
        let tail = try JournalTail(of: descriptor, size: size, path: path, journal: journal)
        if tail.wholeLength < size {
            try naming("cut the torn line of", path, systemCall { ftruncate(descriptor.raw, off_t(tail.wholeLength)) })
        }
        do { try systemCall { fsync(descriptor.raw) } } catch { throw .fsync(path, error) }
        try directory.sync()
        let birth = ksc_birth_time(descriptor.raw)
        let begun = birth < 0 ? now : Timestamp(microseconds: birth / 1000)
        return Opened(
            file: OpenJournal(descriptor: descriptor, size: tail.wholeLength, begun: begun), last: tail.last, torn: size - tail.wholeLength)
    }
}
