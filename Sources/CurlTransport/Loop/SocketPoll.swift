import CLinux
import Glibc

/// epoll over the sockets that libcurl names, and over those that it keeps idle.
///
/// libcurl forgets about a connection's socket while the connection is idle. This does not: when the peer closes an idle connection, what is
/// left to read (TLS's close_notify) is thrown away. libcurl tests a connection before it uses it again by peeking for one byte, and takes
/// any byte for a sign of life; with nothing but the end of the stream left, the test is right (vtls/openssl.c, ossl_check_cxn, 7.88).
///
/// Confined to the loop's thread.
final class SocketPoll {
    struct Ready {
        var socket: Int32
        /// CURL_CSELECT_IN and the like.
        var isReadable: Bool
        var isWritable: Bool
        var isBroken: Bool
    }

    private let epoll: Int32
    private let wakeDescriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 256)
    private var ready: [Ready] = []

    init(wakeDescriptor: Int32) throws(CurlSetupError) {
        self.wakeDescriptor = wakeDescriptor
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw CurlSetupError("epoll_create1: \(String(cString: strerror(errno)))") }
        watch(wakeDescriptor, for: EPOLLIN.rawValue, as: .active)
    }

    deinit { close(epoll) }

    func watch(_ socket: Int32, reading: Bool, writing: Bool) {
        watch(socket, for: (reading ? EPOLLIN.rawValue : 0) | (writing ? EPOLLOUT.rawValue : 0), as: .active)
    }

    /// libcurl has no more use for the socket at present: it keeps the connection, or is about to close it.
    func release(_ socket: Int32) {
        watch(socket, for: EPOLLRDHUP.rawValue, as: .idle)
    }

    /// Waits; returns what is ready among the sockets in use, and deals with the idle ones itself.
    ///
    /// - Parameter milliseconds: -1 waits without end.
    func wait(milliseconds: Int32) -> (ready: [Ready], isWoken: Bool) {
        let count = epoll_wait(epoll, &events, Int32(events.count), milliseconds)
        ready.removeAll(keepingCapacity: true)
        var isWoken = false
        for event in events.prefix(Int(max(0, count))) {
            let socket = Int32(truncatingIfNeeded: event.data.u64)
            if event.data.u64 >> 32 == Role.idle.rawValue {
                // All of these come before libcurl runs again, so none has been put to use or closed since the event was made.
                discardRemains(of: socket)
            } else if socket == wakeDescriptor {
                isWoken = true
            } else {
                ready.append(
                    Ready(
                        socket: socket, isReadable: event.events & EPOLLIN.rawValue != 0, isWritable: event.events & EPOLLOUT.rawValue != 0,
                        isBroken: event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0))
            }
        }
        return (ready, isWoken)
    }

    private enum Role: UInt64 {
        case active = 0
        case idle = 1
    }

    private func watch(_ socket: Int32, for interest: UInt32, as role: Role) {
        var event = epoll_event()
        event.events = interest
        event.data.u64 = role.rawValue << 32 | UInt64(UInt32(bitPattern: socket))
        // A closed socket left the set by itself, and its number may be a new socket's: hence modify first, then add.
        if epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0, errno == ENOENT {
            epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event)
        }
    }

    private func discardRemains(of socket: Int32) {
        var scratch: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        while recv(socket, &scratch, MemoryLayout.size(ofValue: scratch), Int32(MSG_DONTWAIT)) > 0 {}
        var unused = epoll_event()
        epoll_ctl(epoll, EPOLL_CTL_DEL, socket, &unused)
    }
}
