package import SpoolPrimitives

extension IngestionMessage {
    /// What the service takes without being asked to ignore it (kusto-queued-ingestion §4).
    private static let largestRawData: ByteCount = .gibibytes(6)

    /// The JSON, in the order of the reference's example (§5.6). Holds secrets: for the queue only.
    ///
    /// `IgnoreSizeLimit` is asked for where the data is larger than the limit: only a route whose `max_file_size` says so posts such a file.
    package func encoded() throws(IngestionMessageError) -> [UInt8] {
        try check()
        // Two long secrets and a handful of names: most messages fit.
        var writer = JSONWriter(reserving: 3072)
        writer.object { writer in
            writer.field("Id", id)
            writer.field("BlobPath", blobURL.revealed)
            writer.field("RawDataSize", ifPresent: rawDataSize?.bytes)
            writer.field("DatabaseName", properties.database)
            writer.field("TableName", properties.table)
            writer.field("RetainBlobOnSuccess", properties.retainBlobOnSuccess)
            writer.field("FlushImmediately", properties.flushImmediately)
            writer.field("IgnoreSizeLimit", (rawDataSize ?? .zero) > Self.largestRawData)
            writer.field("ReportLevel", properties.reportLevel.rawValue)
            writer.field("ReportMethod", properties.reportMethod.rawValue)
            writer.field("SourceMessageCreationTime", created.description)
            if let statusEntity {
                writer.key("IngestionStatusInTable")
                writer.object { writer in
                    writer.field("TableConnectionString", statusEntity.table.revealed)
                    writer.field("PartitionKey", statusEntity.partitionKey)
                    writer.field("RowKey", statusEntity.rowKey)
                }
            }
            writer.field("ApplicationForTracing", client.application)
            writer.field("ClientVersionForTracing", client.clientVersion)
            writer.key("AdditionalProperties")
            writer.object { writer in writeAdditionalProperties(to: &writer) }
        }
        let size = ByteCount(writer.bytes.count)
        if size > Self.maximumSize { throw .tooLarge(size) }
        return writer.bytes
    }

    /// The Base64 of ``encoded()``: the text of the queue message. The service's side decodes it; a queue message without it is not understood (§5.1).
    package func queueText() throws(IngestionMessageError) -> Secret { Secret(Base64.encode(try encoded())) }

    private func check() throws(IngestionMessageError) {
        if identityToken.revealed.isEmpty { throw .emptyIdentityToken }
        if properties.database.isEmpty { throw .emptyName("database") }
        if properties.table.isEmpty { throw .emptyName("table") }
        if !Self.isLowerCaseUUID(id) { throw .malformedID(id) }
    }

    private static func isLowerCaseUUID(_ text: String) -> Bool {
        guard text.utf8.count == 36 else { return false }
        for (index, byte) in text.utf8.enumerated() {
            switch (index, byte) {
            case (8, UInt8(ascii: "-")), (13, UInt8(ascii: "-")), (18, UInt8(ascii: "-")), (23, UInt8(ascii: "-")): break
            case (8, _), (13, _), (18, _), (23, _): return false
            case (_, UInt8(ascii: "0")...UInt8(ascii: "9")), (_, UInt8(ascii: "a")...UInt8(ascii: "f")): break
            default: return false
            }
        }
        return true
    }

    /// All values are strings: the service holds them in a map of strings, and the Java SDK, which declares it so, is sent in production every day (§5.3).
    private func writeAdditionalProperties(to writer: inout JSONWriter) {
        writer.field("authorizationContext", identityToken.revealed)
        writer.field("format", properties.format.rawValue)
        if let mapping = properties.mappingReference {
            // The article's sample says `mappingReference`, which no SDK sends and the table of properties does not have.
            writer.field("ingestionMappingReference", mapping)
            writer.field("ingestionMappingType", properties.format.mappingKind)
        }
        if !properties.tags.isEmpty { writer.field("tags", Self.arrayText(properties.tags)) }
        if !properties.ingestIfNotExists.isEmpty { writer.field("ingestIfNotExists", Self.arrayText(properties.ingestIfNotExists)) }
        // Only when true, as the Python and Node SDKs do, and as the text that the Java SDK sends; absent is false everywhere.
        if properties.ignoreFirstRecord { writer.field("ignoreFirstRecord", "true") }
        for (name, value) in properties.additional.sorted(by: { $0.key < $1.key }) where !Self.isOurs(name) { writer.field(name, value) }
    }

    /// Keys that no configuration may override.
    package static let reservedAdditionalProperties = [
        "authorizationContext", "format", "ingestionMappingReference", "ingestionMappingType", "tags", "ingestIfNotExists",
        "ignoreFirstRecord",
    ]

    private static func isOurs(_ name: String) -> Bool {
        reservedAdditionalProperties.contains { $0.lowercased() == name.lowercased() }
    }

    /// The JSON text of an array of strings, which itself travels as a string.
    private static func arrayText(_ texts: [String]) -> String {
        var writer = JSONWriter()
        writer.array { writer in for text in texts { writer.value(text) } }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
