import KustoEmulator
import Testing

/// The calls of a client of the table service.
struct TableCalls: Sendable {
    let cloud: Emulated
    let url: String

    init(_ cloud: Emulated) throws {
        self.cloud = cloud
        url = try #require(try cloud.resources("IngestionsStatusTable").first)
    }

    private var halves: (path: String, signature: String) {
        let parts = url.split(separator: "?", maxSplits: 1)
        return (String(parts[0]), String(parts[1]))
    }

    func entityURL(_ partition: String, _ row: String) -> String {
        func quote(_ key: String) -> String { PercentCoding.encode(key.replacing("'", with: "''")) }
        return "\(halves.path)(PartitionKey='\(quote(partition))',RowKey='\(quote(row))')?\(halves.signature)"
    }

    func queryURL(_ parameters: [(String, String)]) -> String {
        let text = parameters.map { "\(PercentCoding.encode($0.0))=\(PercentCoding.encode($0.1))" }.joined(separator: "&")
        return "\(halves.path)()?\(text)&\(halves.signature)"
    }

    func call(_ method: String, _ url: String, _ body: JSON? = nil, _ headers: [(String, String)] = []) throws -> TestReply {
        let common = [("Accept", "application/json;odata=nometadata"), ("Content-Type", "application/json"), ("DataServiceVersion", "3.0")]
        let kept = common.filter { pair in !headers.contains { $0.0 == pair.0 } }
        return try cloud.request(method, url, kept + headers, body?.encodedBytes)
    }

    @discardableResult
    func insert(_ partition: String, _ row: String, _ more: [String: JSON] = [:], _ headers: [(String, String)] = []) throws -> TestReply {
        let fields: [String: JSON] = ["PartitionKey": .string(partition), "RowKey": .string(row)]
        return try call("POST", url, Emulated.object(fields.merging(more) { $1 }), headers)
    }

    func get(_ partition: String, _ row: String, _ headers: [(String, String)] = []) throws -> JSON {
        let reply = try call("GET", entityURL(partition, row), nil, headers)
        try #require(reply.status == 200)
        return try JSON.parse(reply.body)
    }

    /// The rows that a query finds in one page.
    func rows(_ parameters: (String, String)...) throws -> [String] {
        let reply = try call("GET", queryURL(parameters))
        try #require(reply.status == 200, "\(reply.text)")
        return (try JSON.parse(reply.body)["value"]?.elements ?? []).compactMap { $0["RowKey"]?.text }
    }

    func code(_ reply: TestReply) throws -> String? { try JSON.parse(reply.body)["odata.error"]?["code"]?.text }
}
