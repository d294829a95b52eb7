/// An ingestion message, read as the data management service reads it: its own field names without regard to case, unknown ones ignored.
struct IngestionMessage: Sendable {
    enum ReportLevel: Int, Sendable {
        case failuresOnly = 0
        case none = 1
        case failuresAndSuccesses = 2
    }

    let id: String
    let blobPath: String
    let database: String
    let table: String
    let rawDataSize: Int?
    let retainsBlob: Bool
    let reportLevel: ReportLevel
    let reportsToQueue: Bool
    /// Where its status goes; nil where the report method names no table, or the message none.
    let statusTarget: StatusUpdate.Target?
    let properties: [String: JSON]

    /// The blob's URL without what is secret in it.
    var sourcePath: String { String(blobPath.prefix { $0 != "?" && $0 != ";" }) }

    /// The properties as the engine shows them, without the token among them.
    var shownProperties: String {
        let shown = properties.filter { $0.key != "authorizationcontext" }.sorted { $0.key < $1.key }
        return JSON.object(shown.map { JSON.Member(name: $0.key, value: $0.value) }).encoded
    }

    /// Whether the service would ingest the source by itself: tags that guard against duplicates make it so, and a size that nobody told.
    var isAlone: Bool {
        let tags = properties["tags"]?.text ?? properties["tags"]?.encoded ?? ""
        return rawDataSize == nil || properties["ingestifnotexists"] != nil || tags.contains("ingest-by:")
    }

    /// Messages of one batch agree in all this.
    var batchKey: String {
        let properties = properties.filter { $0.key != "authorizationcontext" }.sorted { $0.key < $1.key }
        return ([database, table] + properties.map { "\($0.key)=\($0.value.encoded)" }).joined(separator: "\u{1F}")
    }

    /// Reads the decoded JSON of a message.
    init(_ json: JSON) throws(IngestionFailure) {
        guard json.members != nil, let id = json.member("Id")?.text, !id.isEmpty else {
            throw IngestionFailure("BadRequest_CorruptedMessage", "The message is no JSON object with an Id.")
        }
        self.id = id
        blobPath = json.member("BlobPath")?.text ?? ""
        database = json.member("DatabaseName")?.text ?? ""
        table = json.member("TableName")?.text ?? ""
        rawDataSize = json.member("RawDataSize")?.integer
        retainsBlob = json.member("RetainBlobOnSuccess")?.flag ?? false
        reportLevel = try Self.level(json.member("ReportLevel"))
        let method = try Self.method(json.member("ReportMethod"))
        reportsToQueue = method.queue
        statusTarget = method.table ? StatusUpdate.Target(json.member("IngestionStatusInTable")) : nil
        var properties: [String: JSON] = [:]
        for member in json.member("AdditionalProperties")?.members ?? [] where !member.value.isNull {
            properties[member.name.lowercased()] = member.value
        }
        self.properties = properties
    }

    /// Refuses a message that lacks what every message must have.
    func validate(_ identities: IdentityTokens) throws(IngestionFailure) {
        guard let context = properties["authorizationcontext"]?.text, identities.accepts(context) else {
            throw IngestionFailure("BadRequest_InvalidKustoIdentityToken", "The authorizationContext is missing, not ours, or stale.")
        }
        if database.isEmpty { throw IngestionFailure("BadRequest_EmptyDatabaseName", "The message names no database.") }
        if table.isEmpty { throw IngestionFailure("BadRequest_InvalidOrEmptyTableName", "The message names no table.") }
        if blobPath.isEmpty { throw IngestionFailure("BadRequest_EmptyBlobUri", "The message names no blob.") }
        if properties["ingestionmapping"] != nil, properties["ingestionmappingreference"] != nil {
            throw IngestionFailure("BadRequest_DuplicateMapping", "The message has an inline mapping and the reference of another.")
        }
    }

    /// A property that is the JSON text of an array of strings, as tags are sent.
    func list(_ name: String) throws(IngestionFailure) -> [String] {
        guard let value = properties[name] else { return [] }
        let array = value.text.flatMap { JSON(parsing: $0) } ?? value
        guard let elements = array.elements, elements.allSatisfy({ $0.text != nil }) else {
            throw IngestionFailure(
                "BadRequest_MalformedIngestionProperty", "The property \(name) is not the JSON text of an array of strings.")
        }
        return elements.compactMap(\.text)
    }

    private static func level(_ json: JSON?) throws(IngestionFailure) -> ReportLevel {
        switch json {
        case nil, .null: return .failuresOnly
        case .some(let value):
            if let level = value.integer.flatMap(ReportLevel.init) { return level }
            switch value.text?.lowercased() {
            case "failuresonly": return .failuresOnly
            case "none", "donotreport": return .none
            case "failuresandsuccesses": return .failuresAndSuccesses
            default: throw IngestionFailure("BadRequest_CorruptedMessage", "ReportLevel is \(value.encoded).")
            }
        }
    }

    private static func method(_ json: JSON?) throws(IngestionFailure) -> (queue: Bool, table: Bool) {
        switch json {
        case nil, .null: return (true, false)
        case .some(let value):
            if let number = value.integer, (0...3).contains(number) { return (number == 0 || number == 2, number == 1 || number == 2) }
            switch value.text?.lowercased() {
            case "queue": return (true, false)
            case "table": return (false, true)
            case "queueandtable": return (true, true)
            case "azuremonitoring": return (false, false)
            default: throw IngestionFailure("BadRequest_CorruptedMessage", "ReportMethod is \(value.encoded).")
            }
        }
    }
}
