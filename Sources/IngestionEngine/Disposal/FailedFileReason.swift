package import IngestionModel
import KustoWire
package import Ledger
import SpoolPrimitives

/// What failed/.reasons/<name>.json says: enough to act on without the ledger.
package enum FailedFileReason {
    /// - Parameters:
    ///   - verdict: nil for a file that changed after it was ingested.
    ///   - why: instead of the row's reason.
    package static func encode(_ row: SourceRow, verdict: Verdict?, why: String? = nil) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { reason in
            reason.field("file", row.file.relativePath)
            reason.field("source", row.id.description)
            reason.field("verdict", verdict?.description ?? "changed_after_post")
            reason.field("code", ifPresent: row.code)
            reason.field("reason", ifPresent: why ?? row.reason)
            reason.field("database", ifPresent: row.properties?.database)
            reason.field("table", ifPresent: row.properties?.table)
            reason.field("format", ifPresent: row.properties?.format.rawValue)
            reason.field("size", row.file.size)
            reason.field("claimed_at", row.claimedAt.description)
            reason.field("decided_at", ifPresent: row.decidedAt?.description)
        }
        writer.newline()
        return writer.bytes
    }
}
