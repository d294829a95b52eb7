/// Why a configured URI cannot be the data management endpoint, with the one to write instead where it can be told.
///
/// No case holds the text as it was given, which may be a connection string with a secret in it.
package enum IngestEndpointComplaint: Error, Sendable, Hashable {
    case malformed
    case connectionString
    case schemeMissing(suggestion: String)
    case plainHTTP(suggestion: String)
    case queryPresent(suggestion: String)
    case pathOfAnOperation(suggestion: String)
    /// The engine's endpoint, which refuses `.get ingestion resources`.
    case engine(suggestion: String)

    /// The URI that was probably meant.
    package var suggestion: String? {
        switch self {
        case .malformed, .connectionString: nil
        case .schemeMissing(let suggestion), .plainHTTP(let suggestion), .queryPresent(let suggestion), .pathOfAnOperation(let suggestion),
            .engine(let suggestion):
            suggestion
        }
    }
}

extension IngestEndpointComplaint: CustomStringConvertible {
    package var description: String {
        let cause =
            switch self {
            case .malformed: "not a URL; the ingestion URI looks like https://ingest-<cluster>.<region>.kusto.windows.net"
            case .connectionString:
                "a connection string, not a URL; only its https://… part belongs here, credentials go to cluster.credential"
            case .schemeMissing: "the URL has no scheme"
            case .plainHTTP: "plain http would send tokens unencrypted; it is allowed to this machine only"
            case .queryPresent: "a query has no place in the ingestion URI"
            case .pathOfAnOperation: "the path of a single operation has no place in the ingestion URI"
            case .engine: "this is the cluster's query endpoint; ingestion goes to its data management endpoint"
            }
        return if let suggestion { "\(cause): use \(suggestion)" } else { cause }
    }
}
