import Glibc
import SpoolPrimitives

/// The datagram socket that systemd gives a service to report to.
final class NotifySocket: Sendable {
    private let socket: Descriptor
    private let received = Lock<[String]>([])
    private let pool = WorkerPool(name: "notify", threads: 1)

    init(_ path: String) {
        let raw = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        precondition(path.utf8.count < 100, "\(path) is too long for a socket")
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(raw, $0, length) }
        }
        precondition(raw >= 0 && result == 0, "bind \(path): \(SystemErrno.current)")
        // A daemon that says nothing must not hang the test.
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        socket = Descriptor(owning: raw)
    }

    deinit { pool.close() }

    /// All that came once it satisfies `condition`, or until nothing has come for a minute.
    func states(until condition: @escaping @Sendable ([String]) -> Bool) async -> [String] {
        await pool.run {
            while !condition(self.received.withLock { $0 }) {
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = recv(self.socket.raw, &buffer, buffer.count, 0)
                if count <= 0 { break }
                self.received.withLock { $0.append(String(decoding: buffer.prefix(count), as: UTF8.self)) }
            }
            return self.received.withLock { $0 }
        }
    }
}
