import Glibc
import SpoolPrimitives

/// Changes to this process's environment, which a child that is being started copies: never both at one time, or the copy may fail with EFAULT.
package enum ProcessEnvironment {
    /// Sets a variable; nil removes it.
    package static func set(_ name: String, to value: String?) {
        ChildProcess.startGuard.withLock { _ in
            _ = value.map { setenv(name, $0, 1) } ?? unsetenv(name)
        }
    }
}
