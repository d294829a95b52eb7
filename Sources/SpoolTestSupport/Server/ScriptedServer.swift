import Glibc
import SpoolPrimitives

/// A small HTTP server on loopback that does to its clients exactly what a test has written down, connection by connection.
///
/// Blocking sockets on threads of their own. `stop` (or the end of `with`) closes everything and waits for the threads, so that a test leaves
/// nothing behind. Fit for tests only: it trusts its input, and ends the process where the system refuses a socket.
package final class ScriptedServer: Sendable {
    /// One thing to do on a connection.
    package enum Step: Sendable {
        /// Reads a request, head and body, and records it.
        case readRequest
        /// Reads a request's head only, and records it without a body.
        case readHead
        case send([UInt8])
        /// One byte at a time, each in a segment of its own.
        case trickle([UInt8])
        case stop(Gate)
        /// Reads until the client has closed, then raises the gate's signal.
        case awaitEnd(Gate)
        /// Closes with unsent and unread data thrown away: the client gets a reset.
        case reset
        /// Says that nothing more will be sent, with TLS by close_notify first, and goes on: the client sees a closed connection.
        case close
    }

    /// `http://127.0.0.1:port` or `https://localhost:port`, without a slash at the end.
    package let origin: String

    private struct State {
        var requests: [RecordedRequest] = []
        var accepted = 0
        var open: [Int: Int32] = [:]
        var threads: [WorkerThread] = []
        var isStopped = false
    }

    private let state = Lock(State())
    private let listener: Int32
    private let scripts: [[Step]]
    private let others: [Step]
    private let tls: TLSServer?
    private let acceptor = Lock<WorkerThread?>(nil)

    /// Listens at once.
    ///
    /// - Parameters:
    ///   - connections: the script of each connection in order of arrival. A connection is closed at its script's end.
    ///   - others: the script of every connection after those.
    ///   - identity: the certificate to show; nil means plain http.
    package init(_ connections: [[Step]], others: [Step] = [], identity: TLSIdentity? = nil) {
        let port: UInt16
        (listener, port) = Loopback.listen()
        scripts = connections
        self.others = others
        tls = identity.map(TLSServer.init)
        origin = tls == nil ? "http://127.0.0.1:\(port)" : "https://localhost:\(port)"
        let thread = WorkerThread(name: "scripted") { [self] in acceptAll() }
        acceptor.withLock { $0 = thread }
    }

    /// The same script for every connection.
    package convenience init(everyConnection script: [Step], identity: TLSIdentity? = nil) {
        self.init([], others: script, identity: identity)
    }

    /// Runs `body` with a server that is stopped afterwards.
    package static func with<Result>(
        _ connections: [[Step]], others: [Step] = [], identity: TLSIdentity? = nil, _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let server = ScriptedServer(connections, others: others, identity: identity)
        defer { server.stop() }
        return try await body(server)
    }

    /// What has been read so far, in order of arrival.
    package var requests: [RecordedRequest] { state.withLock { $0.requests } }

    /// Connections accepted so far.
    package var connectionCount: Int { state.withLock { $0.accepted } }

    /// Closes everything and waits for the threads.
    package func stop() {
        let threads = state.withLock { state in
            state.isStopped = true
            for socket in state.open.values { shutdown(socket, Int32(SHUT_RDWR)) }
            return state.threads
        }
        for case .stop(let gate) in (scripts + [others]).joined() { gate.openForEver() }
        shutdown(listener, Int32(SHUT_RDWR))
        acceptor.withLock { $0 }?.join()
        for thread in threads { thread.join() }
        let late = state.withLock { $0.threads }
        for thread in late { thread.join() }
        if acceptor.withLock({ thread in
            defer { thread = nil }
            return thread != nil
        }) {
            close(listener)
        }
    }

    private func acceptAll() {
        while true {
            let socket = accept(listener, nil, nil)
            if socket < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            // A program that a test starts would else keep the connection open.
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
            let number = state.withLock { state in
                defer { state.accepted += 1 }
                state.open[state.accepted] = socket
                return state.accepted
            }
            let script = number < scripts.count ? scripts[number] : others
            let thread = WorkerThread(name: "scripted-\(number)") { [self] in
                let connection = ServerConnection(socket: socket, number: number, tls: tls)
                connection.run(script) { request in state.withLock { $0.requests.append(request) } }
                state.withLock { $0.open[number] = nil }
                close(socket)
            }
            let stopped = state.withLock { state in
                state.threads.append(thread)
                return state.isStopped
            }
            if stopped { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }
}
