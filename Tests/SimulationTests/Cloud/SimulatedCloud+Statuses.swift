import Foundation
import HTTPTransport
import SpoolPrimitives

/// The status table: entities that the client inserts, and the service fills in.
extension SimulatedCloud {
    func statuses(_ request: HTTPRequest, _ kind: CallKind) -> HTTPResponse {
        switch kind {
        case .insertStatus:
            let json: Any
            do { json = try JSONSerialization.jsonObject(with: Data(request.body)) } catch { return refusal(400, "InvalidInput") }
            guard let fields = json as? [String: Any], let key = fields["PartitionKey"] as? String, fields["RowKey"] as? String == key
            else {
                return refusal(400, "InvalidInput")
            }
            if statuses[key] != nil { return refusal(409, "EntityAlreadyExists") }
            statuses[key] = fields.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
            return HTTPResponse(status: 204)
        case .deleteStatus:
            guard let key = request.url.path.removingPercentEncoding?.components(between: "PartitionKey='", and: "'").first,
                let entity = statuses[key]
            else { return refusal(404, "ResourceNotFound") }
            let match = request.headers.first { $0.name == "If-Match" }?.revealed
            guard match == "*" || match == Self.etag(entity) else { return refusal(412, "UpdateConditionNotSatisfied") }
            statuses[key] = nil
            return HTTPResponse(status: 204)
        default:
            let literals = (request.url.queryValue("$filter") ?? "").components(separatedBy: "'")
            guard literals.count == 7 else { return refusal(400, "InvalidInput") }
            let found = statuses.filter { key, entity in
                literals[1] <= key && key <= literals[3] && !entity.contains { $0.name == "Status" && $0.value == literals[5] }
            }
            lastFound = notices.indices.filter { notices[$0].isStatus && !notices[$0].isOverwritten && found[notices[$0].source] != nil }
            let rows = found.sorted { $0.key < $1.key }.map(\.value).map { entity in
                "{" + ([("odata.etag", Self.etag(entity))] + entity).map { #""\#($0.0)":"\#($0.1)""# }.joined(separator: ",") + "}"
            }
            return json(#"{"value":[\#(rows.joined(separator: ","))]}"#)
        }
    }

    /// What it says now.
    private static func etag(_ entity: [(name: String, value: String)]) -> String {
        "W/" + entity.filter { ["Status", "ErrorCode", "FailureStatus"].contains($0.name) }.map(\.value).joined(separator: "-")
    }
}
