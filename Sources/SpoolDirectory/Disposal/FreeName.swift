import CLinux
import Glibc
import SpoolPrimitives

extension OpenDirectory {
    /// Moves an entry to the first free one of `name`, `name.~2~`, `name.~3~` … (protocol.md §1), never over another.
    ///
    /// The first few are tried one by one, and then in doubling steps with a search between the last two, so that a name dropped a hundred
    /// thousand times costs forty looks each and not a hundred thousand. Whatever the search thinks, RENAME_NOREPLACE decides.
    /// - Returns: the name that it got.
    func moveToFreeName(_ source: FileName, to target: OpenDirectory, as name: FileName) throws(SystemErrno) -> FileName {
        var number = 1
        while true {
            let candidate = name.numbered(number)
            do {
                try move(source, to: target, as: candidate)
                return candidate
            } catch {
                guard error.code == EEXIST else { throw error }
            }
            number = number < 8 ? number + 1 : try target.freeNumber(of: name, after: number)
        }
    }

    private func freeNumber(of name: FileName, after taken: Int) throws(SystemErrno) -> Int {
        var taken = taken
        var step = 1
        while try status(of: name.numbered(taken + step)) != nil {
            taken += step
            step *= 2
        }
        var free = taken + step
        while free - taken > 1 {
            let middle = (taken + free) / 2
            if try status(of: name.numbered(middle)) == nil { free = middle } else { taken = middle }
        }
        return free
    }

    /// Where in this directory a file stands under `name` or one of its numbered spellings that is the one looked for.
    ///
    /// After a crash between the move and its commit, the numbers may have gaps (an operator retried a file), so a few missing ones do not end
    /// the search.
    func find(
        _ name: FileName, where isIt: (FileName, FileIdentity) throws(SystemErrno) -> Bool
    ) throws(SystemErrno) -> FileName? {
        var number = 1
        var missing = 0
        while missing < 64 {
            let candidate = name.numbered(number)
            if let status = try status(of: candidate) {
                missing = 0
                if EntryKind(status) == .regular, try isIt(candidate, FileIdentity(status)) { return candidate }
            } else {
                missing += 1
            }
            number += 1
        }
        return nil
    }

    /// When an entry was made, in nanoseconds since 1970; nil where the file system does not know.
    func birthTime(of name: FileName) -> Int64? {
        let birth = name.withCString { ksc_birth_time_at(raw, $0) }
        return birth < 0 ? nil : birth
    }
}
