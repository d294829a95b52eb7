import KustoIngest
import KustoWire
import SpoolPrimitives
import Testing

/// Snapshots as the service gives them, by hand.
enum Fixtures {
    static func resources(_ rows: [(String, String)]) -> String {
        let rows = rows.map { #"["\#($0.0)","\#($0.1)"]"# }.joined(separator: ",")
        return
            #"{"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"ResourceTypeName"},{"ColumnName":"StorageRoot"}],"Rows":[\#(rows)]}]}"#
    }

    static let token =
        #"{"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"AuthorizationContext"}],"Rows":[["identity-token"]]}]}"#

    /// - Parameters:
    ///   - accounts: number of containers and queues of each account, `a0`, `a1`, ….
    ///   - expiry: `se` of all signatures.
    static func snapshot(
        accounts: [(containers: Int, queues: Int)] = [(1, 1)], notifications: [String] = ["successes", "failures"], expiry: String? = nil,
        time: ManualTime? = nil, server: Timestamp? = nil
    ) throws -> ResourceSnapshot {
        let query = "?\(expiry.map { "se=\($0)&" } ?? "")sig=hunter2"
        var rows: [(String, String)] = []
        for (index, account) in accounts.enumerated() {
            for container in 0..<account.containers {
                rows.append(("TempStorage", "https://a\(index).blob.core.windows.net/c\(container)\(query)"))
            }
            for queue in 0..<account.queues {
                rows.append(("SecuredReadyForAggregationQueue", "https://a\(index).queue.core.windows.net/q\(queue)\(query)"))
            }
        }
        for name in notifications {
            let kind = name.hasPrefix("s") ? "SuccessfulIngestionsQueue" : "FailedIngestionsQueue"
            rows.append((kind, "https://n.queue.core.windows.net/\(name)\(query)"))
        }
        let response = try ManagementResponse(decoding: Array(resources(rows).utf8))
        let wall = time?.wallNow ?? Timestamp(seconds: 1_767_225_600)
        return try ResourceSnapshot(
            IngestionResourceList(decoding: response), identityToken: Secret("identity-token"),
            moment: ResourceSnapshot.Moment(monotonic: time?.monotonicNow ?? .zero, wall: wall, server: server))
    }

    static func failure(_ status: Int = 503, retryAfter: Duration? = nil) -> ManagementError {
        ManagementError(operation: "test", reason: .status(status, OneApiError(decoding: [])), retryAfter: retryAfter)
    }
}
