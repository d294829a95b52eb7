import CLinux
package import CSystemd
import Glibc
package import SpoolPrimitives

/// systemd's journal, which gets the same events as ours, at most once and with the seq as a field (protocol.md §6).
package enum SystemdJournal {
    package enum Delivery: Sendable, Hashable {
        case sent
        /// No journal on this machine (a container, another init): nothing is sent and nothing is wrong.
        case noJournal
        case failed(SystemErrno)
    }

    /// The library's own path, fixed at its build.
    private static let socket = "/run/systemd/journal/socket"

    /// Whether there is a journal to send to.
    package static var isThere: Bool { access(socket, W_OK) == 0 }

    /// Sends one entry. Does not block but while the journal's socket is full. From any thread.
    package static func send(_ entry: JournalEntry) -> Delivery {
        guard isThere else { return .noJournal }
        return withVectors(entry.assignments) { vectors in
            let result = sd_journal_sendv(vectors.baseAddress, Int32(vectors.count))
            return result < 0 ? .failed(SystemErrno(-result)) : .sent
        }
    }

    /// The same, spelled out.
    @discardableResult
    package static func send(message: String, priority: JournalPriority, id: MessageID? = nil, fields: [(String, String)] = []) -> Delivery
    {
        send(JournalEntry(message, priority: priority, id: id, fields: fields))
    }

    /// Lends the assignments to C as an array of pointers and lengths; valid during the call only.
    package static func withVectors<Result>(_ assignments: [[UInt8]], _ body: (UnsafeBufferPointer<iovec>) -> Result) -> Result {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(assignments.reduce(0) { $0 + $1.count })
        for assignment in assignments { bytes += assignment }
        return bytes.withUnsafeMutableBytes { buffer in
            var start = 0
            let vectors = assignments.map { assignment in
                defer { start += assignment.count }
                return iovec(iov_base: buffer.baseAddress.map { $0 + start }, iov_len: assignment.count)
            }
            return vectors.withUnsafeBufferPointer(body)
        }
    }
}
