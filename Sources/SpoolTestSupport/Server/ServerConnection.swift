import Glibc

/// One connection of a scripted server, on its own thread.
struct ServerConnection {
    private let socket: Int32
    private let number: Int
    private let stream: ServerStream

    init(socket: Int32, number: Int, tls: TLSServer?) {
        self.socket = socket
        self.number = number
        var yes: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        stream = ServerStream(socket, tls)
    }

    /// Runs the script to its end, to the client's, or to the server's, whichever comes first.
    func run(_ script: [ScriptedServer.Step], record: (RecordedRequest) -> Void) {
        for step in script {
            switch step {
            case .readRequest:
                guard let request = read(withBody: true) else { return }
                record(request)
            case .readHead:
                guard let request = read(withBody: false) else { return }
                record(request)
            case .send(let bytes):
                guard stream.write(bytes) else { return }
            case .trickle(let bytes):
                for byte in bytes {
                    guard stream.write([byte]) else { return }
                }
            case .stop(let gate): gate.wait()
            case .awaitEnd(let gate):
                while let part = stream.read(), !part.isEmpty {}
                gate.announce()
            case .reset:
                var now = linger(l_onoff: 1, l_linger: 0)
                setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
                return
            case .close: stream.end()
            }
        }
        stream.end()
    }

    private func read(withBody: Bool) -> RecordedRequest? {
        let end = Array("\r\n\r\n".utf8)
        var bytes: [UInt8] = stream.takeUnread()
        var searched = 0
        while true {
            if let range = bytes[searched...].firstRange(of: end) {
                let head = String(decoding: bytes[..<range.lowerBound], as: UTF8.self)
                var request = RecordedRequest(connection: number, head: head, body: [])
                var rest = Array(bytes[range.upperBound...])
                let length = withBody ? request.header("Content-Length").flatMap { Int($0) } ?? 0 : 0
                while rest.count < length {
                    guard let part = stream.read(), !part.isEmpty else { return nil }
                    rest += part
                }
                request.body = Array(rest.prefix(length))
                stream.putBack(Array(rest.dropFirst(length)))
                return request
            }
            searched = max(0, bytes.count - end.count + 1)
            guard let part = stream.read(), !part.isEmpty else { return nil }
            bytes += part
        }
    }
}
