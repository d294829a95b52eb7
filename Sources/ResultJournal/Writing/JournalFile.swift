import Glibc
package import SpoolPrimitives

/// The journal's one writer (protocol.md §6).
///
/// Invariants: the file grows by whole lines; lines are in order of their seq, and each number is in it once, as a line or inside a gap line;
/// what `append` has returned for is on disk. Before each append the file is compared with what this writer last left: a file that was
/// removed, renamed, cut or written to by another hand is opened anew, and lines that went with it are announced as a gap, never repeated
/// (the outbox has forgotten them).
///
/// Blocking calls; one thread at a time, a second one waits.
package final class JournalFile: Sendable {
    struct State {
        var directory: JournalDirectory
        var file: OpenJournal
        /// The last number that the journal accounts for; 0 for none.
        var lastSeq: Int64
        /// Why nothing is ever written again: a sync that failed (protocol.md §7).
        var broken: SystemErrno?
        var wasTorn: Int64
    }

    package let options: JournalOptions
    let state: Lock<State>

    /// Opens the journal, or begins it.
    ///
    /// Cuts what is behind the last newline (a crash tore that line; its event is still in the outbox), and reads the last seq from the end, or
    /// from the newest rotated file. Files of another ledger are moved out of the way. Removes rotated files that are too old.
    package init(_ options: JournalOptions, now: Timestamp) throws(JournalError) {
        self.options = options
        let directory = try JournalDirectory(ofJournal: options.path)
        try directory.setAsideForeign(journal: options.journal)
        let opened = try OpenJournal.open(in: directory, journal: options.journal, now: now)
        let last = try directory.lastSeq(opened.last, journal: options.journal)
        state = Lock(State(directory: directory, file: opened.file, lastSeq: last, wasTorn: opened.torn))
        try directory.purge(before: now - options.keep)
    }

    /// The last number that the journal accounts for, 0 for none: the caller appends from the next one on, and skips what it has up to this.
    package var lastSeq: Int64 { state.withLock { $0.lastSeq } }

    /// Compares the file with what this writer left, as `append` does, and opens it anew where another hand was at it.
    ///
    /// - Returns: the last number that the journal accounts for now. Lines behind it that somebody still has are better written again than announced as
    ///   lost.
    package func refresh(now: Timestamp) throws(JournalError) -> Int64 {
        try state.withLock { state throws(JournalError) in
            if state.broken == nil { _ = try reopenIfChanged(&state, now) }
            return state.lastSeq
        }
    }

    /// How many bytes of a torn line were cut at the start: for one notice.
    package var tornBytes: Int64 { state.withLock { $0.wasTorn } }

    /// Writes lines, durably: when this returns the outbox may forget them.
    ///
    /// All of them or none: on `.full` the file is as it was, and the same call may be made again. Numbers between `lastSeq` and `firstSeq` are
    /// announced by a gap line. Throws `.alreadyWritten` for numbers that the file has, and `.fsyncFailed` for ever once a sync has failed.
    /// - Parameters:
    ///   - lines: whole lines of JSON, each ended by a newline, each with its seq, going up by one from `firstSeq` to `lastSeq`.
    ///   - now: written into gap lines, and compared with the file's age.
    @discardableResult
    package func append(lines: [UInt8], firstSeq: Int64, lastSeq: Int64, now: Timestamp) throws(JournalError) -> AppendResult {
        precondition(firstSeq >= 1 && lastSeq >= firstSeq, "no lines to append")
        return try state.withLock { state throws(JournalError) in
            if let cause = state.broken { throw JournalError.fsync(options.path, cause) }
            guard firstSeq > state.lastSeq else { throw JournalError(.alreadyWritten(lastSeq: state.lastSeq), "append to", options.path) }
            try checkLines(lines)
            var result = AppendResult()
            for _ in 1...Self.attempts {
                if try reopenIfChanged(&state, now) { result.wasReopened = true }
                var bytes: [UInt8] = []
                if state.lastSeq + 1 < firstSeq {
                    let lost = state.lastSeq + 1...firstSeq - 1
                    bytes = JournalFormat.gapLine(lost, journal: options.journal, at: now)
                    result.gap = lost
                }
                bytes += lines
                if mustRotate(state.file, adding: bytes.count, now) { result.rotatedTo = try rotate(&state, now) }
                guard try write(bytes, &state) else { continue }
                state.lastSeq = lastSeq
                return result
            }
            throw JournalError(
                .system, "append to", options.path,
                hint: "Another program cuts it at every append: see 'fuser -v \(options.path)' and the configuration of logrotate")
        }
    }

    /// How often an append is begun anew because the file was cut under it: once is chance.
    private static let attempts = 3

    /// Rotates now, if there is a line in the file: for an operator, or a test.
    @discardableResult
    package func rotate(now: Timestamp) throws(JournalError) -> String? {
        try state.withLock { state throws(JournalError) in state.file.size == 0 ? nil : try rotate(&state, now) }
    }

    private func checkLines(_ lines: [UInt8]) throws(JournalError) {
        var start = 0
        for (index, byte) in lines.enumerated() where byte == UInt8(ascii: "\n") {
            guard index + 1 - start <= JournalFormat.maximumLineLength, index > start else { break }
            start = index + 1
        }
        if start != lines.count || lines.isEmpty { throw JournalError(.malformedLines, "append to", options.path) }
    }
}
