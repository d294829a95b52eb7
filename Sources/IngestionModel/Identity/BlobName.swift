package import KustoWire

/// How a blob's bytes are wrapped. The service reads it off the blob's extension (reference: kusto-queued-ingestion §4.1).
package enum BlobEncoding: Int, Sendable, Hashable {
    case plain = 0
    case gzip = 1
    /// As the producer made it; we do not write zip.
    case zip = 2

    package var fileExtension: String {
        switch self {
        case .plain: ""
        case .gzip: ".gz"
        case .zip: ".zip"
        }
    }
}

/// The name of a source's blob: `<instance>/<SourceID>-<upload attempt>.<format>[.gz]` (protocol.md §3.3).
///
/// The service reads nothing from it but the extension. The instance in front tells a notification of ours that the ledger has
/// forgotten from a foreign one.
package enum SourceBlobName {
    package static func make(
        instance: String, id: SourceID, attempt: UploadAttempt, format: DataFormat, encoding: BlobEncoding
    ) -> String {
        "\(instance)/\(id)-\(attempt).\(format.rawValue)\(encoding.fileExtension)"
    }

    /// Whether a path ends in the name, its slash written in either way.
    package static func isName(_ name: String, ofPath path: String) -> Bool {
        let parts = name.split(separator: "/").map(String.init)
        return ["/", "%2F", "%2f"].contains { path.hasSuffix("/" + parts.joined(separator: $0)) }
    }

    /// Whether the path of a notification (`IngestionSourcePath`) names a blob that this instance uploaded.
    ///
    /// Some clients write the slash of a blob's name as `%2F` (reference: kusto-queued-ingestion §4.1).
    package static func isOurs(path: String, instance: String) -> Bool {
        path.contains("/\(instance)/") || path.contains("/\(instance)%2F") || path.contains("/\(instance)%2f")
    }
}
