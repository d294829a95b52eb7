import KustoWire

/// What a failure notification means for its source (protocol.md §4).
///
/// Sources: the service's published error codes (reference: kusto-queued-ingestion §7.3) and the meaning of FailureStatus (§7.1).
package enum FailureMeaning: Sendable, Hashable {
    /// Not a verdict: the service goes on by itself, or says that one copy is in.
    case noted
    /// The file's own fault, or nothing that trying again would mend.
    case final
    /// May be tried again by us, as a new source.
    case retry
    /// The route's configuration is refused: every file of it would fare the same.
    case configuration

    /// - Parameter possibleCopies: how many messages of the source may exist.
    package init(of report: FailureReport, possibleCopies: Int) {
        let rule = FailureRule.byCode[report.errorCode] ?? .asReported
        if rule == .oneCopyIsIn || (rule == .gone && possibleCopies > 1) {
            // The other copy of the message was served first, and its blob may be gone with it.
            self = .noted
            return
        }
        if report.failureStatus == .transient {
            // The service tries again itself. One SDK reads this as ours to retry; should that turn out to be right, this is the row to change.
            self = .noted
            return
        }
        switch rule {
        case .data: self = .final
        case .retry: self = .retry
        case .configuration: self = .configuration
        case .asReported, .gone, .oneCopyIsIn: self = report.failureStatus == .exhausted || report.shouldRetry ? .retry : .final
        }
    }
}

/// How a code is taken where the service does not say that it tries again itself. One row of a table for each published code.
package enum FailureRule: Sendable, Hashable {
    /// The bytes are at fault: the same bytes fare the same, whatever ShouldRetry says.
    case data
    /// A passing trouble of the service, or something of the message that has grown old: a new source mends it.
    case retry
    /// The route's configuration, or what it names in the service.
    case configuration
    /// Retried where the service says so (Exhausted, ShouldRetry), and else a verdict. So are codes that are not in the table.
    case asReported
    /// As reported; but of a source that was posted twice it says that the other message was served.
    case gone
    /// Another copy of the message was ingested in the same batch.
    case oneCopyIsIn

    /// Whether a code blames what is in the blob, so that of several files in one blob others may well be sound. Not where the blob's size is at fault,
    /// though that too is the data's.
    static func blamesRecords(_ code: String) -> Bool { byCode[code] == .data && !sizes.contains(code) }

    private static let sizes: Set<String> = ["Stream_InputStreamTooLarge", "BadRequest_FileTooLarge"]
}
