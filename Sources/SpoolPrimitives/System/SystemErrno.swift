import Glibc

/// The kernel's reason for refusing a call.
package struct SystemErrno: Error, Sendable, Hashable {
    package let code: Int32

    package init(_ code: Int32) { self.code = code }

    /// The calling thread's `errno`; to be read at once after the call that failed.
    package static var current: SystemErrno { SystemErrno(errno) }
}

extension SystemErrno: CustomStringConvertible {
    /// The C library's sentence and the number: `No space left on device (errno 28)`.
    package var description: String { "\(String(cString: strerror(code))) (errno \(code))" }
}

/// Makes a system call, and makes it again as long as a signal interrupts it.
///
/// Only for calls that have done nothing when they say EINTR; that is all of those that the project makes, but for close(2).
/// - Returns: what the call returned, never negative.
@discardableResult
package func systemCall<Value: BinaryInteger>(_ call: () -> Value) throws(SystemErrno) -> Value {
    while true {
        let result = call()
        if result >= 0 { return result }
        let reason = errno
        if reason != EINTR { throw SystemErrno(reason) }
    }
}
