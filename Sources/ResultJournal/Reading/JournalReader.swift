import Glibc
package import SpoolPrimitives

/// Reads the journal forward, over rotations, as `tail -F` would, but without a line lost or read twice.
///
/// It sees whole lines only: what is behind the last newline waits for its rest, and is passed over once the file was rotated (a crash tore
/// it). Lines of a number that was delivered already are passed over too, which is how a file that another hand copied or cut is survived.
///
/// Blocking calls; one thread at a time. `wake` is for others.
package final class JournalReader: Sendable {
    /// Where reading begins.
    package enum Start: Sendable, Equatable {
        /// With the oldest line that is kept.
        case beginning
        /// With this number, or the first greater one that is kept.
        case seq(Int64)
        /// With the next line that is written.
        case end
    }

    struct Position {
        var file: Descriptor
        var name: String
        var status: FileStatus
        /// Behind a newline, but while skipping.
        var offset: Int64 = 0
        /// In the middle of a line too long to be ours.
        var isSkipping = false
    }

    struct State {
        var position: Position?
        /// Lines up to this number were delivered, or are not wanted.
        var lastSeq: Int64
        /// The journal of the last line seen.
        var journal: String?
        /// Lines too long to be ours, passed over.
        var skipped = 0
    }

    let path: String
    let directory: JournalDirectory
    let state: Lock<State>
    private let changes: JournalChanges

    /// Begins to read; the journal need not be there yet, its directory must.
    package init(path: String, from start: Start) throws(JournalError) {
        self.path = path
        directory = try JournalDirectory(ofJournal: path)
        // Before the first look, so that nothing comes between it and the first wait.
        changes = try JournalChanges(directory)
        var initial = State(position: nil, lastSeq: 0)
        switch start {
        case .beginning: break
        case .seq(let seq): initial.lastSeq = seq - 1
        case .end:
            if let file = try directory.open(directory.currentName, flags: O_RDONLY | O_NONBLOCK) {
                let status = try FileStatus(of: file, path: path)
                let tail = try JournalTail(of: file, size: status.size, path: path, journal: nil)
                initial.position = Position(file: file, name: directory.currentName, status: status, offset: tail.wholeLength)
                initial.lastSeq = tail.last?.lastSeq ?? 0
                initial.journal = tail.last?.journal
            } else {
                initial.lastSeq = try directory.lastSeq(nil, journal: nil)
            }
        }
        state = Lock(initial)
    }

    /// How many lines were passed over because no line of ours is so long.
    package var skippedLines: Int { state.withLock { $0.skipped } }

    /// The whole lines that are there by now, as many as 1 MiB holds; empty when there are none. Does not wait for lines.
    package func next() throws(JournalError) -> [JournalLine] {
        try state.withLock { state throws(JournalError) in
            while true {
                guard let position = try currentPosition(&state) else { return [] }
                // Asked before reading: what is written after the rotation is in another file.
                let isFinal = try isRotated(position)
                let (lines, isAtEnd) = try read(&state)
                if !lines.isEmpty { return lines }
                if isAtEnd {
                    guard isFinal, try moveOn(&state) else { return [] }
                }
            }
        }
    }

    /// Blocks the calling thread until the journal changed, `wake()` is called, or the time is over (nil: no limit).
    ///
    /// Any change in the journal's directory counts: ask `next` what it was. Where the kernel has no watch to give, waits at most a second.
    package func wait(atMost timeout: Duration?) throws(JournalError) -> WakeableWait.Outcome { try changes.wait(atMost: timeout) }

    /// Ends the wait under way, or the next one. From any thread.
    package func wake() { changes.wake() }
}
