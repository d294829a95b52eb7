/// The number of an upload attempt: part of the blob's name, so that no name is ever used twice (protocol.md §3.3).
///
/// Attempts are not durable before they begin, hence the run: the ledger counts the daemon's starts durably, and an attempt after a
/// crash cannot take the name of one before it.
package struct UploadAttempt: Sendable, Hashable {
    /// The daemon's start, counted by the ledger from 1.
    package var run: Int32
    /// The attempt within the run, from 1.
    package var number: Int32

    package init(run: Int32, number: Int32) {
        self.run = run
        self.number = number
    }

    /// Both in one integer, for a column.
    package var packed: Int64 { Int64(run) << 32 | Int64(number) }

    package init(packed: Int64) {
        run = Int32(truncatingIfNeeded: packed >> 32)
        number = Int32(truncatingIfNeeded: packed)
    }
}

extension UploadAttempt: CustomStringConvertible {
    package var description: String { "\(run).\(number)" }
}
