import CLinux
import Glibc
import SpoolPrimitives

/// What callers ask of the loop's thread, and the descriptor that wakes it.
///
/// Not a `Mailbox`: the taker sleeps in epoll_wait(2), not on a condition. The descriptor lives as long as somebody can still write to it,
/// a late cancellation for instance, and hence belongs to this object and not to the loop.
final class Inbox: Sendable {
    struct Arrivals {
        var starts: [Transfer] = []
        var cancels: [Transfer] = []
        var isClosed = false
    }

    /// Readable when something has arrived.
    let descriptor: Int32
    private let arrivals = Lock(Arrivals())

    init() throws(CurlSetupError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw CurlSetupError("eventfd: \(String(cString: strerror(errno)))") }
    }

    deinit { Glibc.close(descriptor) }

    /// False, and nothing will happen to the transfer, once the inbox is closed.
    func start(_ transfer: Transfer) -> Bool {
        let (accepted, first) = arrivals.withLock { arrivals in
            if arrivals.isClosed { return (false, false) }
            let first = arrivals.starts.isEmpty && arrivals.cancels.isEmpty
            arrivals.starts.append(transfer)
            return (true, first)
        }
        if first { wake() }
        return accepted
    }

    /// May come before the start, or after the end.
    func cancel(_ transfer: Transfer) {
        transfer.markCancelled()
        let first = arrivals.withLock { arrivals in
            if arrivals.isClosed { return false }
            let first = arrivals.starts.isEmpty && arrivals.cancels.isEmpty
            arrivals.cancels.append(transfer)
            return first
        }
        if first { wake() }
    }

    func close() {
        arrivals.withLock { $0.isClosed = true }
        wake()
    }

    /// For the loop's thread: everything since the last call.
    func takeAll() -> Arrivals {
        arrivals.withLock { arrivals in
            defer {
                arrivals.starts = []
                arrivals.cancels = []
            }
            return arrivals
        }
    }

    /// For the loop's thread: makes the descriptor unreadable until the next arrival.
    func acknowledgeWake() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }

    private func wake() {
        var one: UInt64 = 1
        // The counter cannot overflow: it is written at most once between two reads, and by close.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}
