import Glibc
import SpoolPrimitives

extension JournalFile {
    /// Appends whole or not at all, and makes it durable.
    func write(_ bytes: [UInt8], _ state: inout State) throws(JournalError) {
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
                // A part of the lines is in the file. If even this fails, the next append finds the file longer than it should be and cuts it.
                if written > 0 { _ = ftruncate(state.file.descriptor.raw, off_t(before)) }
                throw JournalError("append to", options.path, error)
            }
        }
        do { try systemCall { fdatasync(state.file.descriptor.raw) } } catch {
            state.broken = error
            throw .fsync(options.path, error)
        }
        state.file.size = before + Int64(bytes.count)
    }

    /// Finds out whether another hand was at the file since the last append, and opens it anew then.
    ///
    /// `lastSeq` falls back to what the journal still has, so that the gap up to the next line is announced with it; it stays so if that
    /// cannot be written now.
    /// - Returns: whether it was opened anew.
    func reopenIfChanged(_ state: inout State, _ now: Timestamp) throws(JournalError) -> Bool {
        let open = try FileStatus(of: state.file.descriptor, path: options.path)
        let named = try directory.status(of: directory.currentName)
        let isOurs = named.map { $0.isSameFile(as: open) } ?? false
        if isOurs, open.size == state.file.size { return false }
        // Longer than it should be is our own torn write, or somebody's bytes; a torn line is cut either way.
        let opened = try OpenJournal.open(in: directory, now: now)
        state.file = opened.file
        state.lastSeq = min(state.lastSeq, try directory.lastSeq(opened.last))
        return true
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
        let name = try directory.moveAside { [directory] in directory.rotatedName(firstSeq: firstSeq, number: $0) }
        // The old file is whole and durable; the new name must be so before lines go where only a crash would find them missing.
        state.file = try OpenJournal.open(in: directory, now: now).file
        try directory.purge(before: now - options.keep)
        return name
    }
}
