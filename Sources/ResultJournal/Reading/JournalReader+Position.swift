import Glibc
import SpoolPrimitives

extension JournalReader {
    /// The file being read, opened first if there is none yet; nil while there is no journal.
    func currentPosition(_ state: inout State) throws(JournalError) -> Position? {
        if state.position == nil, let name = try firstName(in: state.directory, after: state.lastSeq) {
            state.position = try open(name, in: state.directory)
        }
        return state.position
    }

    /// The file in which the number after `seq` should be: the last one that begins no later, else the first.
    private func firstName(in directory: JournalDirectory, after seq: Int64) throws(JournalError) -> String? {
        let rotated = try directory.rotated()
        let holding = rotated.last { $0.firstSeq <= seq + 1 } ?? rotated.first
        return holding?.name ?? directory.currentName
    }

    private func open(_ name: String, in directory: JournalDirectory) throws(JournalError) -> Position? {
        guard let file = try directory.open(name, flags: O_RDONLY | O_NONBLOCK) else { return nil }
        return Position(file: file, name: name, status: try FileStatus(of: file, path: directory.path(of: name)))
    }

    /// Whether the open file is no longer the current one, so that nothing will be added to it.
    func isRotated(_ position: Position, _ state: State) throws(JournalError) -> Bool {
        guard let named = try state.directory.status(of: state.directory.currentName) else { return false }
        return !named.isSameFile(as: position.status)
    }

    /// Goes to the file that follows the open one; false if there is none.
    ///
    /// Known by their order; one that is not among them any more (another hand moved it, or it became too old) is followed by the file that
    /// holds the next number.
    func moveOn(_ state: inout State) throws(JournalError) -> Bool {
        guard let position = state.position else { return false }
        let directory = state.directory
        let rotated = try directory.rotated()
        var following = rotated.first { $0.firstSeq > state.lastSeq }?.name
        for (index, candidate) in rotated.enumerated() {
            guard let status = try directory.status(of: candidate.name), status.isSameFile(as: position.status) else { continue }
            following = index + 1 < rotated.count ? rotated[index + 1].name : nil
            break
        }
        guard let next = try open(following ?? directory.currentName, in: directory), !next.status.isSameFile(as: position.status) else {
            return false
        }
        state.position = next
        return true
    }

    /// Goes over to the directory that has the journal's path now, where the one that was read has been moved away or removed; false if there is none.
    ///
    /// What the new one has of lines that were delivered already is passed over by their numbers.
    func followDirectory(_ state: inout State) throws(JournalError) -> Bool {
        if try state.directory.isInPlace() { return false }
        let directory: JournalDirectory
        do throws(JournalError) { directory = try JournalDirectory(ofJournal: path) } catch {
            if error.cause?.code == ENOENT { return false }
            throw error
        }
        changes.follow(directory)
        state.directory = directory
        state.position = nil
        return true
    }

    /// Reads a piece of the open file, and returns its wanted lines and whether there was nothing more to take.
    ///
    /// The position is always behind a newline: a torn line may be cut by a writer that starts again, and another one stand in its place.
    func read(_ state: inout State) throws(JournalError) -> (lines: [JournalLine], isAtEnd: Bool) {
        guard var position = state.position else { return ([], true) }
        let path = state.directory.path(of: position.name)
        let size = try FileStatus(of: position.file, path: path).size
        if size < position.offset {
            // Cut by another hand: from its beginning once more; numbers known already are passed over.
            position.offset = 0
            position.isSkipping = false
        }
        let window = JournalFormat.maximumLineLength
        let bytes = try position.file.read(Int(min(Int64(window), size - position.offset)), at: position.offset, path: path)
        defer { state.position = position }
        guard let last = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
            guard bytes.count == window else { return ([], true) }
            // No line of ours is so long: up to its newline it is passed over.
            position.offset += Int64(window)
            position.isSkipping = true
            return ([], false)
        }
        position.offset += Int64(last) + 1
        var pieces = bytes[..<last].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        if position.isSkipping {
            pieces = pieces.dropFirst()
            position.isSkipping = false
            state.skipped += 1
        }
        return (pieces.compactMap { take($0, &state) }, false)
    }

    /// Nil for a line that was delivered already.
    private func take(_ line: ArraySlice<UInt8>, _ state: inout State) -> JournalLine? {
        let fields = LineFields(line)
        // A number without a journal is another hand's, and so is a journal without a number: ours behind it must be neither passed over nor read again
        // for its sake.
        if let seq = fields?.lastSeq, let journal = fields?.journal {
            // Another ledger took over, whose numbers begin anew.
            if let known = state.journal, known != journal { state.lastSeq = 0 }
            state.journal = journal
            guard seq > state.lastSeq else { return nil }
            state.lastSeq = seq
        }
        return JournalLine(bytes: Array(line), fields: fields)
    }
}
