/// The table service over REST, authorized by SAS alone: entities of the tables that the data management service gives out.
struct TableEndpoint: Sendable {
    let cloud: Cloud

    static let statusTable = "ingestionsstatus"

    func answer(_ request: Request, _ address: TableAddress) throws(StorageError) -> Reply {
        guard let account = cloud.storage.account(address.account) else { throw .resourceNotFound }
        let operation = Route.table(address).endpoint(request)
        let isConditional = request[header: "If-Match"] != nil
        var need = SignatureCheck.Need(resource: .table(address.table), permissions: "r")
        switch operation {
        case .tableInsert: need.permissions = "a"
        case .tableMerge, .tableReplace:
            // Without a condition the entity may be made, for which both rights are needed.
            need.permissions = isConditional ? "u" : "au"
            need.needsAll = !isConditional
        case .tableDelete: need.permissions = "d"
        default: break
        }
        let check = SignatureCheck(account: account, now: cloud.clock.now, secure: request.secure, address: request.address)
        if let error = check.judge(request.query, need) { throw error }
        guard address.isWellFormed else { throw .invalidInput }
        guard let table = account.table(address.table) else { throw .tableNotFound }
        switch (operation, address.key) {
        case (.tableInsert, nil): return try insert(request, table, address)
        case (.tableGet, let key?):
            guard let entity = table.entity(key) else { throw .resourceNotFound }
            return entityReply(200, entity, request, address, selection: selection(request))
        case (.tableQuery, nil): return try query(request, table, address)
        case (.tableMerge, let key?), (.tableReplace, let key?):
            let body = try body(request)
            guard body.partition ?? key.partition == key.partition, body.row ?? key.row == key.row else { throw .invalidInput }
            let entity = try table.update(key, body.properties, condition(request), merging: operation == .tableMerge)
            cloud.hub.changed()
            return Reply(status: 204, headers: [("ETag", entity.etag)])
        case (.tableDelete, let key?):
            guard isConditional else { throw .missingHeader("If-Match") }
            try table.delete(key, condition(request))
            cloud.hub.changed()
            return .empty(204)
        default: throw .notImplemented
        }
    }

    private func insert(_ request: Request, _ table: StorageTable, _ address: TableAddress) throws(StorageError) -> Reply {
        let body = try body(request)
        guard let partition = body.partition, let row = body.row else { throw .propertiesNeedValue }
        let key = TableEntity.Key(partition: partition, row: row)
        try TableEntity(key: key, properties: body.properties, timestamp: cloud.clock.now).validate()
        let entity = try table.insert(key, body.properties)
        cloud.hub.changed()
        let prefers = request[header: "Prefer"]?.lowercased()
        var reply =
            prefers == "return-no-content" ? Reply.empty(204) : entityReply(201, entity, request, address, selection: nil)
        let link = "\(base(request, address))/\(table.name)(PartitionKey='\(Self.quote(partition))',RowKey='\(Self.quote(row))')"
        reply.headers += [("DataServiceId", link), ("Location", link)]
        if reply.status == 204 { reply.headers.append(("ETag", entity.etag)) }
        if let prefers, ["return-no-content", "return-content"].contains(prefers) { reply.headers.append(("Preference-Applied", prefers)) }
        return reply
    }

    private func query(_ request: Request, _ table: StorageTable, _ address: TableAddress) throws(StorageError) -> Reply {
        let filter: TableFilter?
        if let text = request[query: "$filter"], !text.isEmpty { filter = try TableFilterReader.read(text) } else { filter = nil }
        var limit = StorageTable.maximumPage
        if let text = request[query: "$top"] {
            guard let top = Int(text), (1...StorageTable.maximumPage).contains(top) else { throw .invalidInput }
            limit = top
        }
        var start: TableEntity.Key?
        if let partition = request[query: "NextPartitionKey"] {
            guard let partition = Self.position(partition) else { throw .invalidInput }
            start = TableEntity.Key(partition: partition, row: request[query: "NextRowKey"].flatMap(Self.position) ?? "")
        }
        let page = table.query(filter, from: start, limit: limit)
        let metadata = EntityMetadata(request)
        let base = base(request, address)
        let selection = selection(request)
        var members: [JSON.Member] = []
        if metadata != .none { members.append(JSON.Member(name: "odata.metadata", value: .string("\(base)/$metadata#\(table.name)"))) }
        let values = page.entities.map { EntityDocument.json($0, metadata, selection, table: table.name, base: base) }
        members.append(JSON.Member(name: "value", value: .array(values)))
        var reply = Reply.json(200, .object(members))
        reply.headers = [("Content-Type", metadata.contentType)]
        if let next = page.next {
            reply.headers += [
                ("x-ms-continuation-NextPartitionKey", Self.token(next.partition)), ("x-ms-continuation-NextRowKey", Self.token(next.row)),
            ]
        }
        return reply
    }

    private func entityReply(
        _ status: Int, _ entity: TableEntity, _ request: Request, _ address: TableAddress, selection: [String]?
    ) -> Reply {
        let metadata = EntityMetadata(request)
        let base = base(request, address)
        var document = EntityDocument.json(entity, metadata, selection, table: address.table, base: base)
        if metadata != .none, let members = document.members {
            let origin = JSON.Member(name: "odata.metadata", value: .string("\(base)/$metadata#\(address.table)/@Element"))
            document = .object([origin] + members)
        }
        var reply = Reply.json(status, document)
        reply.headers = [("Content-Type", metadata.contentType), ("ETag", entity.etag)]
        return reply
    }

    private func body(_ request: Request) throws(StorageError) -> EntityDocument.Body {
        guard request[header: "Content-Length"] != nil else { throw .missingContentLength }
        return try EntityDocument.read(request.bodyBytes)
    }

    private func condition(_ request: Request) -> StorageTable.Condition {
        switch request[header: "If-Match"] {
        case nil: .none
        case "*": .exists
        case .some(let etag): .etag(etag)
        }
    }

    private func selection(_ request: Request) -> [String]? {
        guard let text = request[query: "$select"], !text.isEmpty, text != "*" else { return nil }
        return text.split(separator: ",").map { String($0.trimmingPrefix(while: \.isWhitespace)) }
    }

    private func base(_ request: Request, _ address: TableAddress) -> String {
        "\(request.base(default: cloud.authority))/\(address.account)"
    }

    private static func quote(_ key: String) -> String { PercentCoding.encode(key.replacing("'", with: "''")) }

    /// A continuation is opaque, and its characters are such that a client which does not encode them is found out.
    private static func token(_ key: String) -> String {
        let text = Digests.base64(Array(key.utf8))
        return "1!\(text.utf8.count)!\(text)"
    }

    private static func position(_ token: String) -> String? {
        let parts = token.split(separator: "!", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "1", Int(parts[1]) == parts[2].utf8.count else { return nil }
        return Digests.bytes(base64: String(parts[2])).map { String(decoding: $0, as: UTF8.self) }
    }
}
