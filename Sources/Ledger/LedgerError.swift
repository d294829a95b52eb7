/// Why the ledger could not do what was asked. Nothing of the batch was stored.
package struct LedgerError: Error, Sendable {
    package enum Reason: Sendable, Hashable {
        /// The file system is full: room has to be made, or the reserve released.
        case full
        /// A write or flush failed in a way that says nothing about what is on disk (protocol.md §7: the process must end).
        case storageFailed
        /// The file is no ledger, or of a newer version.
        case unusable
        /// The file is there and has no tables yet: its daemon is in its first moments, or did not live longer.
        case unmade
        /// The ledger was closed.
        case closed
        case other
    }

    package let reason: Reason
    package let operation: String
    package let detail: String

    package init(_ reason: Reason, operation: String, detail: String) {
        self.reason = reason
        self.operation = operation
        self.detail = detail
    }
}

extension LedgerError: CustomStringConvertible {
    package var description: String { "\(operation): \(detail)" }
}
