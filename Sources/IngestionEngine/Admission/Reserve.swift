package import SpoolDirectory
package import SpoolPrimitives

/// The reserve (protocol.md §7), as the ledger's thread and its keeper share it.
package final class Reserve: Sendable {
    let directory: StateDirectory
    /// Raised when the reserve was given up.
    let givenUp = Signal()
    private let failure = Lock<SpoolError?>(nil)

    package init(_ directory: StateDirectory) { self.directory = directory }

    /// Gives the reserve's space to whoever found the disk full. Blocking.
    ///
    /// - Returns: whether there was any to give.
    package func giveUp() -> Bool {
        defer { givenUp.raise() }
        do throws(SpoolError) {
            guard try directory.isReserveWhole() else { return false }
            try directory.releaseReserve()
            return true
        } catch {
            failure.withLock { $0 = error }
            return false
        }
    }

    /// Allocates it where there is room for it twice over: for itself, and for what goes on growing.
    ///
    /// - Returns: whether it is whole, and what is free besides.
    /// - Throws: also what giving it up threw.
    package func restore() throws(SpoolError) -> (isWhole: Bool, free: ByteCount) {
        if let error = failure.withLock({ $0 }) { throw error }
        var isWhole = try directory.isReserveWhole()
        if !isWhole, try directory.freeSpace() >= directory.reserveSize + directory.reserveSize { isWhole = try directory.restoreReserve() }
        return (isWhole, try directory.freeSpace())
    }
}
