import NIOCore

/// How the things in storage are written down, and read again.
extension Blob {
    var stateFields: [(String, JSON)] {
        [
            ("name", .string(name)), ("type", .string(contentType)), ("md5", md5.map { .string($0) } ?? .null), ("etag", .string(etag)),
            ("created", created.json), ("modified", modified.json),
            ("meta", .array(metadata.map { [.string($0.name), .string($0.value)] })),
            ("blocks", .array(blocks.map { [.string($0.id), .integer($0.bytes.readableBytes)] })),
        ]
    }

    var statePayload: [ByteBuffer] { blocks.map(\.bytes) }

    init(_ record: StateRecord) {
        var rest = record.bytes
        let blocks = (record.fields["blocks"]?.elements ?? []).map { block in
            let length = block.elements?.last?.integer ?? 0
            return Block(id: block.elements?.first?.text ?? "", bytes: rest.readSlice(length: length) ?? ByteBuffer())
        }
        let metadata = (record.fields["meta"]?.elements ?? []).compactMap { pair -> (name: String, value: String)? in
            guard let name = pair.elements?.first?.text, let value = pair.elements?.last?.text else { return nil }
            return (name, value)
        }
        self.init(
            name: record.text("name"), blocks: blocks, contentType: record.text("type"), md5: record.fields["md5"]?.text,
            metadata: metadata,
            etag: record.text("etag"), created: record.moment("created") ?? .system, modified: record.moment("modified") ?? .system)
    }
}

extension QueueMessage {
    var stateFields: [(String, JSON)] {
        [
            ("id", .string(id)), ("text", .string(text)), ("inserted", inserted.json), ("expires", expires?.json ?? .null),
            ("visible", visible.json), ("receipt", .string(receipt)), ("dequeued", .integer(dequeued)),
        ]
    }

    init(_ record: StateRecord) {
        self.init(
            id: record.text("id"), text: record.text("text"), inserted: record.moment("inserted") ?? .system,
            expires: record.moment("expires"), visible: record.moment("visible") ?? .system, receipt: record.text("receipt"),
            dequeued: record.fields["dequeued"]?.integer ?? 0)
    }
}

extension TableEntity.Key {
    var stateFields: [(String, JSON)] { [("partition", .string(partition)), ("row", .string(row))] }

    init(_ record: StateRecord) { self.init(partition: record.text("partition"), row: record.text("row")) }
}

extension TableEntity {
    var stateFields: [(String, JSON)] {
        key.stateFields + [("at", timestamp.json), ("properties", TableEntity.json(properties))]
    }

    init(_ record: StateRecord) {
        self.init(
            key: Key(record), properties: Self.properties(record.fields["properties"] ?? .null), timestamp: record.moment("at") ?? .system)
    }

    static func json(_ properties: [Property]) -> JSON {
        .array(properties.map { [.string($0.name), $0.value.annotation.map { .string($0) } ?? .null, $0.value.json] })
    }

    static func properties(_ json: JSON) -> [Property] {
        (json.elements ?? []).compactMap { property in
            guard let parts = property.elements, parts.count == 3, let name = parts[0].text else { return nil }
            do throws(StorageError) { return try TableValue(parts[2], type: parts[1].text).map { Property(name, $0) } } catch { return nil }
        }
    }
}

extension Notification {
    var stateFields: [(String, JSON)] {
        var fields: [(String, JSON)] = [
            ("operation", .string(operationID)), ("activity", .string(rootActivityID)), ("database", .string(database)),
            ("table", .string(table)), ("source", .string(sourceID)), ("path", .string(sourcePath)), ("at", time.json),
        ]
        if let failure { fields.append(("failure", failure.stateJSON)) }
        return fields
    }

    init(_ record: StateRecord) {
        self.init(
            operationID: record.text("operation"), rootActivityID: record.text("activity"), database: record.text("database"),
            table: record.text("table"), sourceID: record.text("source"), sourcePath: record.text("path"),
            time: record.moment("at") ?? .system, failure: record.fields["failure"].flatMap { IngestionFailure(stateJSON: $0) })
    }
}

extension IngestionFailure {
    var stateJSON: JSON {
        [
            "code": .string(code), "details": .string(details), "failureStatus": .string(failureStatus), "shouldRetry": .bool(shouldRetry),
            "status": .string(status),
        ]
    }

    init?(stateJSON json: JSON) {
        guard let code = json["code"]?.text else { return nil }
        self.init(
            code, json["details"]?.text ?? "", failureStatus: json["failureStatus"]?.text ?? "Permanent",
            shouldRetry: json["shouldRetry"]?.flag ?? false, status: json["status"]?.text ?? "Failed")
    }
}
