package import KustoWire

/// The name of a source's blob: `<instance>/<SourceID>-<upload attempt>.<format>[.gz]` (protocol.md §3.3).
///
/// The service reads nothing from it but the extension. The instance in front tells a notification of ours that the ledger has
/// forgotten from a foreign one.
package enum SourceBlobName {
    package static func make(instance: String, id: SourceID, attempt: UploadAttempt, format: DataFormat, isGzip: Bool) -> String {
        "\(instance)/\(id)-\(attempt).\(format.rawValue)\(isGzip ? ".gz" : "")"
    }

    /// Whether the path of a notification (`IngestionSourcePath`) names a blob that this instance uploaded.
    ///
    /// Some clients write the slash of a blob's name as `%2F` (reference: kusto-queued-ingestion §4.1).
    package static func isOurs(path: String, instance: String) -> Bool {
        path.contains("/\(instance)/") || path.contains("/\(instance)%2F") || path.contains("/\(instance)%2f")
    }
}
