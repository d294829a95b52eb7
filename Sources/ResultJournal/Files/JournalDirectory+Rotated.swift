import CLinux
import Glibc
import SpoolPrimitives

/// What the writer does with rotated files.
extension JournalDirectory {
    /// The last number that the journal accounts for: by the current file's last line, else by the newest rotated file that says one.
    ///
    /// - Parameter journal: whose lines count; nil for anybody's.
    func lastSeq(_ current: LineFields?, journal: String?) throws(JournalError) -> Int64 {
        if let seq = current?.lastSeq { return seq }
        for rotated in try rotated().reversed() {
            guard let file = try open(rotated.name, flags: O_RDONLY | O_NONBLOCK) else { continue }
            let path = path(of: rotated.name)
            let tail = try JournalTail(of: file, size: try FileStatus(of: file, path: path).size, path: path, journal: journal)
            if let seq = tail.last?.lastSeq { return seq }
        }
        return 0
    }

    /// Renames the current file to the first free of the names; durable.
    func moveAside(to name: (Int) -> String) throws(JournalError) -> String { try moveAside(currentName, to: name) }

    /// Moves files of another journal (the ledger was lost, or another took its place) to names that tell so: their numbers are another
    /// sequence's, and must neither be continued nor stand between ours.
    func setAsideForeign(journal: String) throws(JournalError) {
        for name in try rotated().map(\.name) + [currentName] { try setAsideForeign(name, journal: journal) }
    }

    /// The same for one file.
    func setAsideForeign(_ name: String, journal: String) throws(JournalError) {
        guard let file = try open(name, flags: O_RDONLY | O_NONBLOCK), try FileStatus(of: file, path: path(of: name)).isRegular,
            let first = try JournalTail.first(of: file, path: path(of: name)), let other = first.journal, other != journal
        else { return }
        _ = try moveAside(name) { foreignName(journal: other, firstSeq: first.firstSeq ?? 0, number: $0) }
    }

    /// Removes rotated files, of any journal, that were last written before an instant; never our newest.
    func purge(before instant: Timestamp) throws(JournalError) {
        let newest = try rotated().last?.name
        for name in try allRotated() where name != newest {
            if let status = try status(of: name), status.modified < instant { try remove(name) }
        }
    }

    private func moveAside(_ name: String, to newName: (Int) -> String) throws(JournalError) -> String {
        var number = 1
        while !(try rename(name, to: newName(number))) { number += 1 }
        try sync()
        return newName(number)
    }
}
