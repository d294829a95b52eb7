package import KustoWire
package import Ledger
package import SpoolDirectory
package import SpoolPrimitives

/// One open spool and the rules of its route. A class, though nothing in it changes: every file's way hands it on many times.
package final class Spool: Sendable {
    package let key: SpoolKey
    package let root: SpoolRoot
    /// What its messages say; a source keeps what it was first posted with.
    package let properties: IngestionProperties
    package let rules: SpoolRules

    package init(key: SpoolKey, root: SpoolRoot, properties: IngestionProperties, rules: SpoolRules) {
        self.key = key
        self.root = root
        self.properties = properties
        self.rules = rules
    }
}

/// What the configuration says of a spool beyond the message.
package struct SpoolRules: Sendable {
    package var completeness: Completeness
    /// The service takes 6 GiB of raw data without being asked for more (reference: kusto-queued-ingestion §4.4).
    package var maximumFileSize: ByteCount
    /// Whether text formats are gzipped on the way.
    package var compresses: Bool
    package var deletesOnSuccess: Bool
    /// How long done/ keeps a file; nil keeps it for ever.
    package var keepsDoneFor: Duration?
    /// How long an ambiguous source waits before it is posted again; zero reposts after the next full drain.
    package var repostsAfter: Duration
    /// After a post: when silence becomes a verdict.
    package var verdictDeadline: Duration
    /// Whether what producers wrote is made durable as well after each claim, beside admission.
    package var syncsClaims: Bool
    /// The most files of the spool that may be claimed and not yet posted: what admission is bounded by.
    package var admission: Int
    /// How small files travel together; nil: each alone.
    package var coalescing: CoalescingRules?

    package init(
        completeness: Completeness = Completeness(), maximumFileSize: ByteCount = .gibibytes(6), compresses: Bool = true,
        deletesOnSuccess: Bool = false, keepsDoneFor: Duration? = nil, repostsAfter: Duration = .seconds(900),
        verdictDeadline: Duration = .seconds(86_400), syncsClaims: Bool = false, admission: Int = 4096, coalescing: CoalescingRules? = nil
    ) {
        self.coalescing = coalescing
        self.completeness = completeness
        self.maximumFileSize = maximumFileSize
        self.compresses = compresses
        self.deletesOnSuccess = deletesOnSuccess
        self.keepsDoneFor = keepsDoneFor
        self.repostsAfter = repostsAfter
        self.verdictDeadline = verdictDeadline
        self.syncsClaims = syncsClaims
        self.admission = admission
    }
}
