package import SpoolPrimitives

extension JournalEvent {
    /// Appends the event as one line of NDJSON, newline included. Fields without a value are left out.
    ///
    /// - Parameters:
    ///   - seq: the line's number; gapless (protocol.md §6).
    ///   - journal: the ledger's UUID, so that lines of two journals cannot be taken for each other.
    package func encode(seq: Int64, journal: String, into writer: inout JSONWriter) {
        writer.object { line in
            line.field("seq", seq)
            line.field("at", at.description)
            line.field("event", kind.rawValue)
            if let subject {
                line.field("source", subject.source.description)
                line.field("spool", subject.spool)
                line.field("file", subject.file)
                line.field("database", subject.database)
                line.field("table", subject.table)
                line.field("size", subject.size)
            }
            line.field("verdict", ifPresent: verdict?.description)
            line.field("code", ifPresent: code)
            line.field("reason", ifPresent: reason)
            if let failure {
                line.field("failure_status", "\(failure.failureStatus)")
                line.field("should_retry", failure.shouldRetry)
                line.field("from_update_policy", failure.originatesFromUpdatePolicy)
                line.field("operation", ifPresent: failure.operationID)
            }
            line.field("successor", ifPresent: successor?.description)
            line.field("notification", ifPresent: notification)
            line.field("journal", journal)
        }
        writer.newline()
    }
}
