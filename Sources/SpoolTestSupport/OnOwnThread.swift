import CLinux
import Glibc
import SpoolPrimitives

/// Runs a closure on a thread that has other rights than the rest of the process, and waits for it.
///
/// Tests run as root, who reads files of mode 000 and locks what is another's: permission tests need a user. The kernel keeps credentials and
/// mount namespaces by thread, so nothing else in the process changes, and both end with the thread.
package enum OnOwnThread {
    /// As `nobody`, without any capability. Returns nil where the process may not become another user.
    package static func asNobody<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result? {
        try run { ksc_thread_become(nobody, nobody) == 0 ? try body() : nil }
    }

    /// The user that `asNobody` becomes.
    package static let nobody: UInt32 = 65534

    /// In a mount namespace of its own, in which `mount` reaches nobody else. Returns nil where the process may not have one.
    package static func inMountNamespace<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result? {
        try run {
            guard ksc_thread_new_mount_namespace() == 0, mount("none", "/", nil, msRecursive | msPrivate, nil) == 0 else { return nil }
            return try body()
        }
    }

    /// Whether the process may have a mount namespace of its own; tests that need one are enabled by this, so that a run says what it left out.
    package static let mayMount: Bool = {
        do { return try inMountNamespace { true } ?? false } catch { return false }
    }()

    /// Whether the process may become another user on one thread.
    package static let mayBecomeNobody: Bool = {
        do { return try asNobody { true } ?? false } catch { return false }
    }()

    /// Mounts `source` on `target` as it is; to be called inside `inMountNamespace`.
    package static func bind(_ source: String, on target: String) {
        let result = mount(source, target, nil, msBind, nil)
        precondition(result == 0, "mount --bind \(source): \(SystemErrno.current)")
    }

    /// Mounts a file system of so many bytes in memory; to be called inside `inMountNamespace`.
    package static func tmpfs(on target: String, size: Int) {
        let result = mount("tmpfs", target, "tmpfs", 0, "size=\(size)")
        precondition(result == 0, "mount -t tmpfs: \(SystemErrno.current)")
    }

    // mount(2); an enumeration in C, so spelled out.
    private static let msBind: UInt = 4096
    private static let msRecursive: UInt = 16384
    private static let msPrivate: UInt = 1 << 18

    private static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result?) throws -> Result? {
        let outcome = Lock<Swift.Result<Result?, any Error>?>(nil)
        WorkerThread(name: "other-rights") {
            let result = Swift.Result { try body() }
            outcome.withLock { $0 = result }
        }.join()
        return try outcome.withLock { $0 }?.get()
    }
}
