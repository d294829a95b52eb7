/// What a route asks of the service for every source: the part of an ingestion message that configuration decides.
///
/// It is frozen at the first posting of a source, so that a repost says the same as the post. Holds no secret.
package struct IngestionProperties: Sendable, Hashable, Codable {
    package var database: String
    package var table: String
    package var format: DataFormat
    /// The name of a mapping that exists in the service; its kind follows from the format.
    package var mappingReference: String?
    package var reportLevel: ReportLevel
    package var reportMethod: ReportMethod
    package var retainBlobOnSuccess: Bool
    package var flushImmediately: Bool
    package var ignoreFirstRecord: Bool
    /// Extent tags, spelled out: `drop-by:…`, `ingest-by:…` or plain.
    package var tags: [String]
    /// Values of `ingest-by:` tags, without the prefix; the service skips the source when an extent has one of them.
    package var ingestIfNotExists: [String]
    /// Other keys of AdditionalProperties, sent as they are.
    package var additional: [String: String]
    /// By what the service drops a repeat; nil: by nothing. Optional, so that properties which an earlier version wrote down can be read.
    package var dedupe: Dedupe?

    package init(
        database: String, table: String, format: DataFormat, mappingReference: String? = nil,
        reportLevel: ReportLevel = .failuresAndSuccesses,
        reportMethod: ReportMethod = .queue, retainBlobOnSuccess: Bool = true, flushImmediately: Bool = false,
        ignoreFirstRecord: Bool = false,
        tags: [String] = [], ingestIfNotExists: [String] = [], additional: [String: String] = [:], dedupe: Dedupe? = nil
    ) {
        self.database = database
        self.table = table
        self.format = format
        self.mappingReference = mappingReference
        self.reportLevel = reportLevel
        self.reportMethod = reportMethod
        self.retainBlobOnSuccess = retainBlobOnSuccess
        self.flushImmediately = flushImmediately
        self.ignoreFirstRecord = ignoreFirstRecord
        self.tags = tags
        self.ingestIfNotExists = ingestIfNotExists
        self.additional = additional
        self.dedupe = dedupe
    }

    /// The way to have the service drop what it has already.
    package enum Dedupe: String, Sendable, Hashable, Codable {
        /// An `ingest-by:` tag for each file, which the same file's other messages are checked against.
        case ingestBy = "ingest_by"
    }

    /// The same, with the tag of one source where tags are asked for: on the extent, and as what the service looks for first (reference:
    /// kusto-queued-ingestion §5.3).
    package func tagged(ingestBy makeTag: @autoclosure () -> String) -> IngestionProperties {
        guard dedupe == .ingestBy else { return self }
        let tag = makeTag()
        var tagged = self
        tagged.tags.append("ingest-by:\(tag)")
        tagged.ingestIfNotExists.append(tag)
        return tagged
    }
}

/// Which outcomes the service reports (`ReportLevel`, an integer on the wire).
package enum ReportLevel: Int, Sendable, Hashable, Codable {
    case failuresOnly = 0
    case none = 1
    case failuresAndSuccesses = 2
}

/// Where the service reports to (`ReportMethod`, an integer on the wire).
package enum ReportMethod: Int, Sendable, Hashable, Codable {
    case queue = 0
    case table = 1
    case queueAndTable = 2
}
