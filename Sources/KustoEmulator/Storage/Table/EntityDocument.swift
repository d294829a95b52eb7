/// How much a reply says about its entities beside their values.
enum EntityMetadata: Sendable {
    case none, minimal, full

    /// What the client accepts; JSON without more means the minimum.
    init(_ request: Request) {
        let accepted = (request[header: "Accept"] ?? "").lowercased()
        self = accepted.contains("odata=nometadata") ? .none : accepted.contains("odata=fullmetadata") ? .full : .minimal
    }

    var contentType: String {
        let word =
            switch self {
            case .none: "nometadata"
            case .minimal: "minimalmetadata"
            case .full: "fullmetadata"
            }
        return "application/json;odata=\(word);streaming=true;charset=utf-8"
    }
}

/// Entities as JSON, in and out.
enum EntityDocument {
    struct Body: Sendable {
        var partition: String?
        var row: String?
        var properties: [TableEntity.Property] = []
    }

    static func read(_ bytes: [UInt8]) throws(StorageError) -> Body {
        guard let members = JSON(parsing: bytes)?.members else { throw .invalidInput }
        var types: [String: String] = [:]
        for member in members where member.name.hasSuffix("@odata.type") {
            types[String(member.name.dropLast("@odata.type".count))] = member.value.text
        }
        var body = Body()
        for member in members where !member.name.hasPrefix("odata.") && !member.name.contains("@odata.") {
            let value = try TableValue(member.value, type: types[member.name])
            switch (member.name, value) {
            case ("PartitionKey", .text(let text)): body.partition = text
            case ("RowKey", .text(let text)): body.row = text
            case ("PartitionKey", _), ("RowKey", _): throw .propertiesNeedValue
            // The service's own; what a client sends for it is passed over.
            case ("Timestamp", _), (_, nil): break
            case (_, let value?): body.properties.append(TableEntity.Property(member.name, value))
            }
        }
        return body
    }

    /// An entity as its reply shows it. Properties that were asked for and that it lacks are null.
    static func json(_ entity: TableEntity, _ metadata: EntityMetadata, _ selection: [String]?, table: String, base: String) -> JSON {
        var members: [JSON.Member] = []
        func add(_ name: String, _ value: JSON) { members.append(JSON.Member(name: name, value: value)) }
        if metadata == .full {
            let link = "\(table)(PartitionKey='\(entity.key.partition)',RowKey='\(entity.key.row)')"
            add("odata.type", .string("emulator.\(table)"))
            add("odata.id", .string("\(base)/\(link)"))
            add("odata.editLink", .string(link))
        }
        if metadata != .none { add("odata.etag", .string(entity.etag)) }
        let names = selection ?? (["PartitionKey", "RowKey", "Timestamp"] + entity.properties.map(\.name))
        for name in names {
            let value = entity[name]
            // The service's own time goes without an annotation, unless all is wanted.
            if metadata == .full || metadata == .minimal && name != "Timestamp", let type = value?.annotation {
                add("\(name)@odata.type", .string(type))
            }
            add(name, value?.json ?? .null)
        }
        return .object(members)
    }
}
