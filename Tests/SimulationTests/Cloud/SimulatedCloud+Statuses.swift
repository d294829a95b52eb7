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
                statuses.removeValue(forKey: key) != nil
            else { return refusal(404, "ResourceNotFound") }
            return HTTPResponse(status: 204)
        default:
            let literals = (request.url.queryValue("$filter") ?? "").components(separatedBy: "'")
            guard literals.count == 7 else { return refusal(400, "InvalidInput") }
            let found = statuses.filter { key, entity in
                literals[1] <= key && key <= literals[3] && !entity.contains { $0.name == "Status" && $0.value == literals[5] }
            }
            lastFound = found.keys.sorted()
            let rows = found.sorted { $0.key < $1.key }.map(\.value).map { entity in
                "{" + entity.map { #""\#($0.name)":"\#($0.value)""# }.joined(separator: ",") + "}"
            }
            return json(#"{"value":[\#(rows.joined(separator: ","))]}"#)
        }
    }
}
