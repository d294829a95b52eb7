import Glibc
import SpoolPrimitives

extension JournalFile {
    /// Appends whole or not at all, and makes it durable.
    ///
    /// - Returns: false where another hand cut the file, or wrote into it, between the last look and the write, as logrotate's copytruncate does: nothing of ours is in it
    ///   then, and the lines that were lost can be announced before these.
    func write(_ bytes: [UInt8], _ state: inout State) throws(JournalError) -> Bool {
        options.hooks.beforeWrite?()
        let before = state.file.size
        var written = 0
        while written < bytes.count {
            do {
                written += try systemCall {
                    bytes.withUnsafeBytes {
                        Glibc.write(state.file.descriptor.raw, $0.baseAddress.map { $0 + written }, bytes.count - written)
                    }
                }
            } catch {
                // A part of the lines is in the file. If even this fails, the next append finds the file longer than it should be and cuts it. One that was
                // cut below that by another hand must not be lengthened.
                if written > 0, try FileStatus(of: state.file.descriptor, path: options.path).size > before {
                    _ = ftruncate(state.file.descriptor.raw, off_t(before))
                }
                throw JournalError("append to", options.path, error)
            }
        }
        if try takeBack(bytes, writtenAt: before, state) { return false }
        do { try systemCall { fdatasync(state.file.descriptor.raw) } } catch {
            state.broken = error
            throw .fsync(options.path, error)
        }
        state.file.size = before + Int64(bytes.count)
        return true
    }

    /// Takes lines back that were written into a file that had been cut or written to meanwhile; they are its last bytes.
    ///
    /// - Returns: whether it was so.
    private func takeBack(_ bytes: [UInt8], writtenAt before: Int64, _ state: State) throws(JournalError) -> Bool {
        let file = state.file.descriptor
        let size = try FileStatus(of: file, path: options.path).size
        let begin = size - Int64(bytes.count)
        guard begin != before, begin >= 0, try file.read(bytes.count, at: begin, path: options.path) == bytes else { return false }
        try naming("cut", options.path, systemCall { ftruncate(file.raw, off_t(begin)) })
        return true
    }

    /// Finds out whether another hand was at the file since the last append, and opens it anew then.
    ///
    /// `lastSeq` falls back to what the journal still has, so that the gap up to the next line is announced with it; it stays so if that
    /// cannot be written now.
    /// - Returns: whether it was opened anew.
    func reopenIfChanged(_ state: inout State, _ now: Timestamp) throws(JournalError) -> Bool {
        guard try state.directory.isInPlace() else {
            state.directory = try JournalDirectory(ofJournal: options.path)
            try reopen(&state, now)
            return true
        }
        let open = try FileStatus(of: state.file.descriptor, path: options.path)
        let named = try state.directory.status(of: state.directory.currentName)
        let isOurs = named.map { $0.isSameFile(as: open) } ?? false
        if isOurs, open.size == state.file.size { return false }
        // Longer than it should be is our own torn write, or somebody's bytes; a torn line is cut either way.
        try reopen(&state, now)
        return true
    }

    /// What stands there now may be another journal's file, whose numbers are nothing to us.
    private func reopen(_ state: inout State, _ now: Timestamp) throws(JournalError) {
        try state.directory.setAsideForeign(state.directory.currentName, journal: options.journal)
        let opened = try OpenJournal.open(in: state.directory, journal: options.journal, now: now)
        state.file = opened.file
        state.lastSeq = min(state.lastSeq, try state.directory.lastSeq(opened.last, journal: options.journal))
    }

    func mustRotate(_ file: OpenJournal, adding count: Int, _ now: Timestamp) -> Bool {
        guard file.size > 0 else { return false }
        return file.size + Int64(count) > options.rotateAt.bytes || now - file.begun >= options.rotateAfter
    }

    /// Gives the file the name of its first seq, begins a new one, and removes those that are too old.
    ///
    /// A crash after the rename leaves no current file: the next start begins one, after the newest rotated file's last seq.
    func rotate(_ state: inout State, _ now: Timestamp) throws(JournalError) -> String {
        let firstSeq = try JournalTail.first(of: state.file.descriptor, path: options.path)?.firstSeq ?? state.lastSeq
        let directory = state.directory
        let name = try directory.moveAside { directory.rotatedName(firstSeq: firstSeq, number: $0) }
        // The old file is whole and durable; the new name must be so before lines go where only a crash would find them missing.
        state.file = try OpenJournal.open(in: directory, journal: options.journal, now: now).file
        try directory.purge(before: now - options.keep)
        return name
    }
}
