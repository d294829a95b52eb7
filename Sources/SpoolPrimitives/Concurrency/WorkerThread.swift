import CLinux
import Glibc

/// A thread of our own, for calls that block (read, fsync, rename, SQLite) or compute for long (gzip, MD5).
///
/// The cooperative pool has as many threads as the machine has cores; two blocked tasks would stall all others.
package final class WorkerThread: @unchecked Sendable {  // `thread` is written once, before anybody else sees it
    private var thread = pthread_t()
    private let isJoined = Lock(false)

    /// Starts `body` on a new thread.
    ///
    /// - Parameter name: shown by `ps -L` and in crash reports; the kernel keeps its first 15 bytes.
    package init(name: String, _ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                ksc_set_thread_name(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        precondition(result == 0, "pthread_create: \(String(cString: strerror(result)))")
    }

    /// Waits until the body has returned. Only the first call waits.
    package func join() {
        let first = isJoined.withLock { joined in
            defer { joined = true }
            return !joined
        }
        if first { pthread_join(thread, nil) }
    }

    deinit {
        let abandoned = isJoined.withLock { !$0 }
        if abandoned { pthread_detach(thread) }
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
