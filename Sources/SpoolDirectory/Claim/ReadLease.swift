import CLinux
import Glibc
import SpoolPrimitives

/// A read lease on an open file: granted only while nobody has the file open for writing, and broken by whoever then opens it so (fcntl(2)).
///
/// Held across the rename, it tells that no writer slipped in between. Closing the descriptor ends it; the writer waits no longer than that.
enum ReadLease {
    enum Outcome {
        case held
        /// Somebody has the file open for writing.
        case refused
        /// The file is another user's and we have no CAP_LEASE, or the file system knows no leases: nothing is known.
        case unavailable
    }

    static func take(_ file: Descriptor) -> Outcome {
        // A broken lease sends SIGIO, which would end the process; SIGURG is ignored by default, and fcntl(2) lets us choose.
        guard ksc_set_lease_signal(file.raw, SIGURG) == 0 else { return .unavailable }
        if ksc_set_lease(file.raw, Int32(F_RDLCK)) == 0 { return .held }
        return errno == EAGAIN ? .refused : .unavailable
    }

    /// Whether nobody has opened the file for writing since `take`.
    static func isStillHeld(_ file: Descriptor) -> Bool { ksc_get_lease(file.raw) == Int32(F_RDLCK) }
}
