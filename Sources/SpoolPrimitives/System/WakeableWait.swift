import CLinux
import Glibc

/// Lets one thread sleep on a descriptor, with a deadline, and others wake it.
///
/// Wake-ups do not count and are remembered: any number of them before the wait are one.
package final class WakeableWait: Sendable {
    /// Why a wait ended.
    package enum Outcome: Sendable, Equatable {
        /// The descriptor has something to read.
        case readable
        /// Another thread called `wake()`.
        case woken
        case timedOut
    }

    private let wakeUp: Descriptor

    package init() throws(SystemErrno) {
        wakeUp = Descriptor(owning: try systemCall { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) })
    }

    /// Blocks the calling thread until `descriptor` is readable, somebody calls `wake()`, or `timeout` is over (nil: no limit).
    ///
    /// A wake-up wins over readable data, so that a thread that must end does so under load too.
    /// - Parameter descriptor: nil waits for the wake-up and the time alone.
    package func wait(on descriptor: Descriptor?, atMost timeout: Duration?) throws(SystemErrno) -> Outcome {
        let deadline = timeout.map { SystemTime().monotonicNow + $0 }
        while true {
            var polled = [pollfd(fd: wakeUp.raw, events: Int16(POLLIN), revents: 0)]
            if let descriptor { polled.append(pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)) }
            let count = poll(&polled, nfds_t(polled.count), Self.milliseconds(until: deadline))
            if count < 0, errno != EINTR { throw .current }
            if count > 0 {
                if polled[0].revents != 0 {
                    var counter: UInt64 = 0
                    _ = read(wakeUp.raw, &counter, 8)
                    return .woken
                }
                return .readable
            }
            if let deadline, SystemTime().monotonicNow >= deadline { return .timedOut }
        }
    }

    /// Ends the wait under way, or the next one. Never blocks; from any thread.
    package func wake() {
        var one: UInt64 = 1
        // EAGAIN says that the counter is full: then the sleeper is being woken already.
        _ = write(wakeUp.raw, &one, 8)
    }

    private static func milliseconds(until deadline: Duration?) -> Int32 {
        guard let deadline else { return -1 }
        let left = deadline - SystemTime().monotonicNow
        // Rounded up: a wait that ends a fraction of a millisecond early would spin.
        return left <= .zero ? 0 : Int32(clamping: left.milliseconds + 1)
    }
}
