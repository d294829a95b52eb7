import COpenSSL
import Glibc

/// Bytes to and from a client, in the clear or through TLS. One thread.
final class ServerStream {
    private let socket: Int32
    private let ssl: OpaquePointer?
    private var unread: [UInt8] = []
    private let isUsable: Bool
    private var isEnded = false

    init(_ socket: Int32, _ tls: TLSServer?) {
        Self.blockBrokenPipeSignal()
        self.socket = socket
        guard let tls else {
            ssl = nil
            isUsable = true
            return
        }
        ssl = tls.accept(socket)
        isUsable = ssl != nil
    }

    deinit { SSL_free(ssl) }

    /// What has come, waiting for the first byte; empty at the client's end, nil on an error.
    func read() -> [UInt8]? {
        guard isUsable else { return nil }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
            let result =
                ssl.map { Int(SSL_read($0, buffer.baseAddress, Int32(buffer.count))) } ?? recv(socket, buffer.baseAddress, buffer.count, 0)
            failed = result < 0
            count = max(0, result)
        }
        return failed ? nil : bytes
    }

    /// False once the client is gone.
    func write(_ bytes: [UInt8]) -> Bool {
        guard isUsable else { return false }
        if let ssl { return bytes.isEmpty || SSL_write(ssl, bytes, Int32(bytes.count)) == Int32(bytes.count) }
        var sent = 0
        while sent < bytes.count {
            let result = bytes.withUnsafeBytes { send(socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL)) }
            if result <= 0 { return false }
            sent += result
        }
        return true
    }

    /// Says that nothing more will come.
    func end() {
        if let ssl, isUsable, !isEnded { SSL_shutdown(ssl) }
        isEnded = true
        shutdown(socket, Int32(SHUT_WR))
    }

    func takeUnread() -> [UInt8] {
        defer { unread = [] }
        return unread
    }

    func putBack(_ bytes: [UInt8]) { unread = bytes }

    private static func blockBrokenPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
