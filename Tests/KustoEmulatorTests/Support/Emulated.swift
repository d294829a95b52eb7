import KustoEmulator
import Testing

/// An emulator for one test, and the few calls that a client of queued ingestion makes.
struct Emulated: Sendable {
    let emulator: Emulator
    var authority: String?

    /// Runs the body against an emulator of its own and stops it afterwards.
    static func with(
        _ adjust: (inout EmulatorConfiguration) -> Void = { _ in }, _ body: (Emulated) async throws -> Void
    ) async throws {
        var configuration = EmulatorConfiguration()
        configuration.batchingDelay = .zero
        adjust(&configuration)
        let emulator = try await Emulator.start(configuration)
        do {
            try await body(Emulated(emulator: emulator, authority: configuration.tls?.certificate))
        } catch {
            await emulator.stop()
            throw error
        }
        await emulator.stop()
    }

    /// Sends one request on a connection of its own. The URL may be whole or a path.
    func request(_ method: String, _ url: String, _ headers: [(String, String)] = [], _ body: [UInt8]? = nil) throws -> TestReply {
        let target = url.hasPrefix("http") ? "/" + url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)[2] : url
        return try TestConnection(port: emulator.port, trusting: authority).request(method, target, headers, body)
    }

    func manage(_ command: String, token: String = "emulator-token", onEngine: Bool = false) throws -> TestReply {
        let body: JSON = ["db": "NetDefaultDB", "csl": .string(command)]
        let port = onEngine ? emulator.enginePort : emulator.port
        return try TestConnection(port: port, trusting: authority).request(
            "POST", "/v1/rest/mgmt", [("Authorization", "Bearer \(token)")], body.encodedBytes)
    }

    /// The URLs of one kind of resource.
    func resources(_ type: String) throws -> [String] {
        let rows = try JSON.parse(try manage(".get ingestion resources").body)["Tables"]?.elements?.first?["Rows"]?.elements ?? []
        return rows.compactMap { $0.elements }.filter { $0.first?.text == type }.compactMap { $0.last?.text }
    }

    func container() throws -> String { try #require(try resources("TempStorage").first) }

    func ingestionQueue() throws -> String { try #require(try resources("SecuredReadyForAggregationQueue").first) }

    func failureQueue() throws -> String { try #require(try resources("FailedIngestionsQueue").first) }

    func identityToken() throws -> String {
        let reply = try JSON.parse(try manage(".get kusto identity token").body)
        return try #require(reply["Tables"]?.elements?.first?["Rows"]?.elements?.first?.elements?.first?.text)
    }

    /// The URL with a name put between path and query.
    static func url(_ root: String, _ name: String, _ parameters: String = "") -> String {
        let halves = root.split(separator: "?", maxSplits: 1)
        return "\(halves[0])/\(name)?" + (parameters.isEmpty ? "" : parameters + "&") + halves[1]
    }

    @discardableResult
    func put(_ url: String, _ bytes: [UInt8], _ headers: [(String, String)] = []) throws -> TestReply {
        try request("PUT", url, [("x-ms-blob-type", "BlockBlob")] + headers, bytes)
    }

    @discardableResult
    func post(_ text: String, to queue: String, _ parameters: String = "") throws -> TestReply {
        let body = "<QueueMessage><MessageText>\(text)</MessageText></QueueMessage>"
        return try request("POST", Self.url(queue, "messages", parameters), [("Content-Type", "application/xml")], Array(body.utf8))
    }

    /// A message as the SDKs write it.
    func message(
        id: String, blob: String, size: Int?, database: String = "db", table: String = "T", format: String? = nil,
        properties: [String: JSON] = [:], level: JSON = 2, top: [String: JSON] = [:], context: String? = nil
    ) throws -> JSON {
        var additional: [String: JSON] = ["authorizationContext": .string(try context ?? identityToken())]
        if let format { additional["format"] = .string(format) }
        additional.merge(properties) { $1 }
        var fields: [String: JSON] = [
            "Id": .string(id), "BlobPath": .string(blob), "RawDataSize": size.map { .number(String($0)) } ?? .null,
            "DatabaseName": .string(database), "TableName": .string(table), "RetainBlobOnSuccess": true, "FlushImmediately": false,
            "ReportLevel": level, "ReportMethod": 0, "AdditionalProperties": Self.object(additional),
        ]
        fields.merge(top) { $1 }
        return Self.object(fields)
    }

    static func object(_ fields: [String: JSON]) -> JSON { .object(fields.map { JSON.Member(name: $0.key, value: $0.value) }) }

    func post(_ message: JSON) throws {
        let reply = try post(Digests.base64(message.encodedBytes), to: try ingestionQueue())
        #expect(reply.status == 201)
    }

    /// Uploads, posts, and waits for what becomes of it.
    @discardableResult
    func ingest(
        _ bytes: [UInt8], name: String, id: String = "11111111-1111-4111-8111-111111111111", table: String = "T", format: String? = nil,
        properties: [String: JSON] = [:], level: JSON = 2, top: [String: JSON] = [:]
    ) async throws -> Outcome {
        let before = emulator.outcomeCount
        let blob = Self.url(try container(), name)
        #expect(try put(blob, bytes).status == 201)
        try post(
            try message(
                id: id, blob: blob, size: bytes.count, table: table, format: format, properties: properties, level: level, top: top))
        try await emulator.waitForOutcomes(before + 1)
        return try #require(emulator.outcomes.dropFirst(before).first)
    }
}
