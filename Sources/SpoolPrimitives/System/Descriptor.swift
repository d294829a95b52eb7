import Glibc

/// An open file descriptor, closed when its last owner lets go of it.
package final class Descriptor: Sendable {
    /// The number to give to the kernel; valid as long as this object lives, so keep the object alive across the call.
    package let raw: Int32

    /// Takes over an open descriptor.
    package init(owning raw: Int32) {
        precondition(raw >= 0)
        self.raw = raw
    }

    deinit { close(raw) }
}
