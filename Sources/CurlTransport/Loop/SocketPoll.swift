import CLinux
import Glibc

/// epoll over the sockets that libcurl names, and over the connections that it keeps idle.
///
/// libcurl forgets about a connection's socket while the connection is idle. This does not: when the peer closes an idle connection, what is
/// left to read (TLS's close_notify) is thrown away. libcurl tests a connection before it uses it again by peeking for one byte, and takes
/// any byte for a sign of life; with nothing but the end of the stream left, the test is right (vtls/openssl.c, ossl_check_cxn, 7.88).
///
/// A connection that goes from one request to the next is watched for the same all the while, and the kernel is told nothing new.
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

    /// From its opening to its closing, of both of which libcurl tells; a number that is opened again is another connection.
    private struct Connection {
        /// What the kernel watches for; zero where it watches for nothing.
        var watched: UInt32 = 0
        var isIdle = true
    }

    private let epoll: Int32
    private let wakeDescriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 256)
    private var ready: [Ready] = []
    /// By descriptor. The others that libcurl names are its resolver's.
    private var connections: [Connection?] = []

    init(wakeDescriptor: Int32) throws(CurlSetupError) {
        self.wakeDescriptor = wakeDescriptor
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw CurlSetupError("epoll_create1: \(String(cString: strerror(errno)))") }
        tellKernel(wakeDescriptor, EPOLLIN.rawValue)
    }

    deinit { close(epoll) }

    /// libcurl has made a socket for a connection.
    func opened(_ socket: Int32) {
        while connections.count <= socket { connections.append(nil) }
        connections[Int(socket)] = Connection()
    }

    /// libcurl is about to close a connection's socket, which takes it out of the set.
    func closing(_ socket: Int32) {
        if connections.indices.contains(Int(socket)) { connections[Int(socket)] = nil }
    }

    func watch(_ socket: Int32, reading: Bool, writing: Bool) {
        // The peer's end is told for as long as it lasts: who only writes has nothing to do about it.
        let interest = (reading ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue : 0) | (writing ? EPOLLOUT.rawValue : 0)
        guard var connection = connection(socket) else {
            tellKernel(socket, interest)
            return
        }
        connection.isIdle = false
        watch(socket, for: interest, connection)
    }

    /// libcurl has no more use for the socket at present: it keeps the connection, or is about to close it.
    func release(_ socket: Int32) {
        guard var connection = connection(socket) else { return forget(socket) }
        connection.isIdle = true
        // Ready for writing it always is. What it can read is for the most part its end.
        watch(socket, for: connection.watched & EPOLLIN.rawValue | EPOLLRDHUP.rawValue, connection)
    }

    /// Waits; returns what is ready among the sockets in use, and deals with the idle ones itself.
    ///
    /// - Parameter milliseconds: -1 waits without end.
    func wait(milliseconds: Int32) -> (ready: [Ready], isWoken: Bool) {
        let count = epoll_wait(epoll, &events, Int32(events.count), milliseconds)
        ready.removeAll(keepingCapacity: true)
        var isWoken = false
        for event in events.prefix(Int(max(0, count))) {
            let socket = event.data.fd
            if let connection = connection(socket), connection.isIdle {
                // All of these come before libcurl runs again, so none has been put to use or closed since the event was made.
                came(event.events, toIdle: socket, connection)
            } else if socket == wakeDescriptor {
                isWoken = true
            } else {
                ready.append(
                    Ready(
                        socket: socket, isReadable: event.events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0,
                        isWritable: event.events & EPOLLOUT.rawValue != 0,
                        isBroken: event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0))
            }
        }
        return (ready, isWoken)
    }

    private func connection(_ socket: Int32) -> Connection? {
        connections.indices.contains(Int(socket)) ? connections[Int(socket)] : nil
    }

    private func watch(_ socket: Int32, for interest: UInt32, _ connection: Connection) {
        var connection = connection
        if connection.watched != interest { connection.watched = tellKernel(socket, interest) ? interest : 0 }
        connections[Int(socket)] = connection
    }

    private func came(_ what: UInt32, toIdle socket: Int32, _ connection: Connection) {
        if what & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 {
            discardRemains(of: socket)
            forget(socket)
            connections[Int(socket)] = Connection()
        } else {
            // A session's ticket that came late, for instance, which is for libcurl to read: from here on its end only.
            watch(socket, for: EPOLLRDHUP.rawValue, connection)
        }
    }

    /// False where it took nothing of it: without memory, or above `max_user_watches`.
    @discardableResult
    private func tellKernel(_ socket: Int32, _ interest: UInt32) -> Bool {
        var event = epoll_event()
        event.events = interest
        event.data.fd = socket
        // A closed socket left the set by itself, and its number may be a new socket's: hence modify first, then add.
        if epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) == 0 { return true }
        return errno == ENOENT && epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) == 0
    }

    private func forget(_ socket: Int32) {
        var unused = epoll_event()
        epoll_ctl(epoll, EPOLL_CTL_DEL, socket, &unused)
    }

    private func discardRemains(of socket: Int32) {
        var scratch: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        while recv(socket, &scratch, MemoryLayout.size(ofValue: scratch), Int32(MSG_DONTWAIT)) > 0 {}
    }
}
