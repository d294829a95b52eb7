import Glibc

/// Listening sockets on 127.0.0.1.
package enum Loopback {
    /// A listener on a port of the system's choice.
    static func listen() -> (socket: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        precondition(listener >= 0, "socket: \(errno)")
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                precondition(bind(listener, general, length) == 0, "bind: \(errno)")
                precondition(Glibc.listen(listener, 128) == 0, "listen: \(errno)")
                precondition(getsockname(listener, general, &length) == 0, "getsockname: \(errno)")
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        return (listener, port)
    }

    /// The port at the other end of a connected socket; nil for any other descriptor.
    package static func peerPort(of socket: Int32) -> Int? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            let result = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(socket, $0, &length) }
            guard result == 0, pointer.pointee.sin_family == sa_family_t(AF_INET) else { return nil }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }

    /// A port on which nobody listens: bound once, and closed.
    package static func closedPort() -> UInt16 {
        let (socket, port) = listen()
        close(socket)
        return port
    }
}
