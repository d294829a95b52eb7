import COpenSSL
import Glibc

/// What came back over a socket.
struct TestReply: Sendable {
    let status: Int
    let reason: String
    let headers: [(name: String, value: String)]
    let body: [UInt8]
    /// Whether the connection ended before the reply was whole.
    let isCutShort: Bool

    subscript(name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }

    var text: String { String(decoding: body.starts(with: [0xEF, 0xBB, 0xBF]) ? body[3...] : body[...], as: UTF8.self) }

    /// The text of the first element of that name.
    func element(_ name: String) -> String? { elements(name).first }

    func elements(_ name: String) -> [String] {
        text.components(between: "<\(name)>", and: "</\(name)>")
    }
}

/// A blocking socket that speaks just enough HTTP/1.1, so that the tests depend on no client's opinions.
final class TestConnection {
    enum Failure: Error, Equatable {
        case refused
        case ended
        case timedOut
        case tls
    }

    private let socket: Int32
    private let port: Int
    private var ssl: OpaquePointer?
    private var context: OpaquePointer?
    private var pending: [UInt8] = []

    init(port: Int, trusting authority: String? = nil, patience: Int = 30) throws {
        self.port = port
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { throw Failure.refused }
        guard let authority else { return }
        context = SSL_CTX_new(TLS_client_method())
        guard SSL_CTX_load_verify_locations(context, authority, nil) == 1 else { throw Failure.tls }
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        ssl = SSL_new(context)
        SSL_set_fd(ssl, socket)
        guard SSL_connect(ssl) == 1 else { throw Failure.tls }
    }

    deinit {
        if ssl != nil { SSL_free(ssl) }
        if context != nil { SSL_CTX_free(context) }
        close(socket)
    }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { buffer in
                ssl == nil
                    ? Glibc.send(socket, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
                    : Int(SSL_write(ssl, buffer.baseAddress, Int32(buffer.count)))
            }
            guard count > 0 else { throw Failure.ended }
            rest = rest.dropFirst(count)
        }
    }

    func request(_ method: String, _ target: String, _ headers: [(String, String)] = [], _ body: [UInt8]? = nil) throws -> TestReply {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body, !headers.contains(where: { $0.0 == "Transfer-Encoding" }) { text += "Content-Length: \(body.count)\r\n" }
        try write(Array((text + "\r\n").utf8) + (body ?? []))
        return try reply(isHead: method == "HEAD")
    }

    func reply(isHead: Bool = false) throws -> TestReply {
        var lines: [String] = []
        while true {
            let line = try line()
            if line.isEmpty { break }
            lines.append(line)
        }
        let status = lines[0].split(separator: " ", maxSplits: 2)
        let headers = lines.dropFirst().map { line in
            let halves = line.split(separator: ":", maxSplits: 1)
            return (name: String(halves[0]), value: halves.count == 2 ? halves[1].trimmingSpace : "")
        }
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        var isCutShort = false
        while !isHead, pending.count < length, !isCutShort {
            do { pending += try receive() } catch Failure.ended { isCutShort = true }
        }
        let body = isHead ? [] : Array(pending.prefix(length))
        pending.removeFirst(body.count)
        return TestReply(
            status: Int(status[1]) ?? 0, reason: status.count == 3 ? String(status[2]) : "", headers: headers, body: body,
            isCutShort: isCutShort)
    }

    private func line() throws -> String {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                let line = String(decoding: pending[..<end].filter { $0 != 0x0D }, as: UTF8.self)
                pending.removeFirst(end + 1)
                return line
            }
            pending += try receive()
        }
    }

    private func receive() throws -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = ssl == nil ? recv(socket, &chunk, chunk.count, 0) : Int(SSL_read(ssl, &chunk, Int32(chunk.count)))
        if count < 0, errno == EAGAIN { throw Failure.timedOut }
        guard count > 0 else { throw Failure.ended }
        return Array(chunk[..<count])
    }
}

extension Substring {
    fileprivate var trimmingSpace: String { String(drop { $0 == " " }) }
}

extension String {
    func components(between start: String, and end: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let first = rest.firstRange(of: start), let last = rest[first.upperBound...].firstRange(of: end) {
            parts.append(String(rest[first.upperBound..<last.lowerBound]))
            rest = rest[last.upperBound...]
        }
        return parts
    }
}
