import CLinux
import Glibc
import SpoolPrimitives

extension SpoolRoot {
    /// Makes everything on the spool's file system durable, what producers wrote included (syncfs(2)): `sync_claims: true`. Blocks for as long as the
    /// disk takes.
    package func syncFilesystem() throws(SpoolError) {
        do throws(SystemErrno) {
            try systemCall { ksc_syncfs(root.raw) }
        } catch {
            throw SpoolError(.fsyncFailed, "make durable", path, cause: error)
        }
    }
}
