/// What came of one source.
struct Ingested {
    var records = 0
    var rawSize: Int?
    var isSkipped = false
    /// Removes the blob.
    var delete: (() -> Void)?
    /// A failure that is reported although the rows have landed.
    var reportedFailure: IngestionFailure?
}

extension Ingested {
    /// A result, to be written down.
    static func json(_ result: Result<Ingested, IngestionFailure>) -> JSON {
        switch result {
        case .failure(let failure): ["failure": failure.stateJSON]
        case .success(let ingested):
            [
                "records": .integer(ingested.records), "rawSize": ingested.rawSize.map { .integer($0) } ?? .null,
                "isSkipped": .bool(ingested.isSkipped), "reported": ingested.reportedFailure?.stateJSON ?? .null,
            ]
        }
    }

    /// A result that was written down. The blob is not removed any more.
    static func result(_ json: JSON) -> Result<Ingested, IngestionFailure> {
        if let failure = json["failure"].flatMap({ IngestionFailure(stateJSON: $0) }) { return .failure(failure) }
        return .success(
            Ingested(
                records: json["records"]?.integer ?? 0, rawSize: json["rawSize"]?.integer, isSkipped: json["isSkipped"]?.flag ?? false,
                reportedFailure: json["reported"].flatMap { IngestionFailure(stateJSON: $0) }))
    }
}
