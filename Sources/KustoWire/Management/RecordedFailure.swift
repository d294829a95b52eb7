package import SpoolPrimitives

/// A failure that the engine remembers of one of its ingestion commands: a row of `.show ingestion failures`.
///
/// It has no IngestionSourceId; the blob's path tells whose it is. Failures before the engine saw a command are not among them, and no row proves that
/// nothing failed. Source: reference: kusto-queued-ingestion §7.1, last item. Free of secrets.
package struct RecordedFailure: Sendable, Hashable {
    /// The blob's URL, cut at `?` and `;`.
    package var sourcePath: String
    package var failure: IngestionNotification.Failure
    package var operationID: String?
    package var failedOn: Timestamp?

    /// Reads the rows; one without a path is of no use.
    package static func list(decoding response: ManagementResponse) throws(ManagementResponseError) -> [RecordedFailure] {
        guard let table = response.primary else { throw .missing("its table") }
        guard let paths = table.cells("IngestionSourcePath") else { throw .missing("the column IngestionSourcePath") }
        func column(_ name: String) -> [String?] { table.cells(name)?.map(\.text) ?? Array(repeating: nil, count: table.rows.count) }
        let (codes, details, kinds) = (column("ErrorCode"), column("Details"), column("FailureKind"))
        let (retries, policies) = (table.cells("ShouldRetry"), table.cells("OriginatesFromUpdatePolicy"))
        let (operations, times) = (column("OperationId"), column("FailedOn"))
        return paths.indices.compactMap { index in
            guard let path = paths[index].text, !path.isEmpty else { return nil }
            let failure = IngestionNotification.Failure(
                errorCode: IngestionErrorCode(notificationText: codes[index] ?? "Unknown"),
                status: FailureStatus(notificationText: kinds[index]), details: details[index].map(SecretScrubber.scrub),
                shouldRetry: retries?[index].flag, originatesFromUpdatePolicy: policies?[index].flag)
            return RecordedFailure(
                sourcePath: SecretScrubber.withoutSecrets(path: path), failure: failure, operationID: operations[index],
                failedOn: times[index].flatMap(Timestamp.init(iso8601:)))
        }
    }
}

extension ManagementRequest {
    /// The engine's failures about blobs whose path has one of these names in it.
    ///
    /// - Parameter names: letters, digits and hyphens, such as a SourceID.
    package static func ingestionFailures(naming names: [String]) -> ManagementRequest {
        precondition(
            names.allSatisfy {
                $0.utf8.allSatisfy {
                    $0 < 0x80 && ($0 == 0x2D || Character(Unicode.Scalar($0)).isLetter || Character(Unicode.Scalar($0)).isNumber)
                }
            })
        let conditions = names.map { "IngestionSourcePath contains \"\($0)\"" }.joined(separator: " or ")
        return ManagementRequest(".show ingestion failures | where \(conditions) | take 1000")
    }
}
