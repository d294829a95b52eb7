import CLinux
import Glibc
import SpoolPrimitives
import SpoolTestSupport

/// A service manager's end of NOTIFY_SOCKET: a real datagram socket in the abstract namespace, with the environment set while a closure runs.
///
/// The environment is the process's: suites that use this are `.serialized` under one parent.
struct NotifySocket {
    private let socket: Descriptor

    static func with(environment: [String: String] = [:], _ body: (NotifySocket) throws -> Void) rethrows {
        let name = "kusto-spool-test-\(getpid())"
        let raw = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        precondition(raw >= 0, "socket: \(SystemErrno.current)")
        let socket = Descriptor(owning: raw)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            for (index, byte) in name.utf8.enumerated() { path[index + 1] = byte }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        let result = withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(raw, $0, length) } }
        precondition(result == 0, "bind: \(SystemErrno.current)")
        var all = environment
        all["NOTIFY_SOCKET"] = "@\(name)"
        for (key, value) in all { ProcessEnvironment.set(key, to: value) }
        defer { for key in all.keys { ProcessEnvironment.set(key, to: nil) } }
        try body(NotifySocket(socket: socket))
    }

    /// The next datagram; nil when there is none.
    func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket.raw, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
}
