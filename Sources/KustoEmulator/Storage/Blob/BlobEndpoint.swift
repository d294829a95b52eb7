import NIOCore

/// The blob service: block blobs over REST, authorized by SAS alone.
struct BlobEndpoint: Sendable {
    let cloud: Cloud

    func answer(_ request: Request, _ address: Route.BlobAddress) throws(StorageError) -> Reply {
        guard let account = cloud.storage.account(address.account) else { throw .resourceNotFound }
        let isContainer = address.name.isEmpty
        let resource: SignatureLayout.Resource =
            isContainer ? .container(address.container) : .blob(container: address.container, name: address.name)
        let container = account.container(address.container)
        let existing = container?.blob(address.name)
        let permissions =
            switch (request.method, request[query: "comp"]) {
            case ("PUT", "block"): "cw"
            case ("PUT", _): existing == nil ? "cw" : "w"
            case ("DELETE", _): "d"
            default: "r"
            }
        let check = SignatureCheck(account: account, now: cloud.clock.now, secure: request.secure, address: request.address)
        if let error = check.judge(request.query, SignatureCheck.Need(resource: resource, permissions: permissions)) { throw error }
        // A SAS of a container never covers the container itself but for listing, which Kusto does not grant.
        guard !isContainer else { throw .authorizationFailure }
        guard let container else { throw .containerNotFound }
        guard address.name.unicodeScalars.count <= BlobRules.maximumName else { throw .invalidURI }
        switch (request.method, request[query: "comp"]) {
        case ("PUT", nil): return try putBlob(request, container, address.name, existing)
        case ("PUT", "block"): return try putBlock(request, container, address.name)
        case ("PUT", "blocklist"): return try putBlockList(request, container, address.name, existing)
        case ("GET", nil): return try get(request, existing)
        case ("HEAD", nil): return try head(existing)
        case ("DELETE", nil):
            guard container.delete(address.name) else { throw .blobNotFound }
            return Reply(status: 202, headers: [("x-ms-delete-type-permanent", "true")])
        case ("PUT", _), ("GET", _), ("HEAD", _), ("DELETE", _): throw .notImplemented
        default: throw .unsupportedVerb
        }
    }

    private func rules(_ request: Request) -> BlobRules { BlobRules(version: request[query: "sv"] ?? "2019-12-12") }

    private func putBlob(
        _ request: Request, _ container: BlobContainer, _ name: String, _ existing: Blob?
    ) throws(StorageError) -> Reply {
        guard request[header: "Content-Length"] != nil else { throw .missingContentLength }
        guard let type = request[header: "x-ms-blob-type"] else { throw .missingHeader("x-ms-blob-type") }
        guard type == "BlockBlob" else {
            guard ["PageBlob", "AppendBlob"].contains(type) else { throw .invalidHeader("x-ms-blob-type", type) }
            throw .notImplemented
        }
        let limit = rules(request).maximumBlob
        guard request.body.readableBytes <= limit else { throw .tooLarge(limit: limit) }
        try checkConditions(request, existing)
        let computed = try BlobRules.checkDigests(request)
        var properties = try properties(request)
        properties.md5 = computed
        let blob = container.put(name, request.body, properties)
        cloud.hub.changed()
        return created(blob, md5: computed)
    }

    private func putBlock(_ request: Request, _ container: BlobContainer, _ name: String) throws(StorageError) -> Reply {
        guard request[header: "Content-Length"] != nil else { throw .missingContentLength }
        guard let id = request[query: "blockid"] else { throw .missingParameter("blockid") }
        guard let raw = Digests.bytes(base64: id), (1...64).contains(raw.count) else { throw .invalidParameter("blockid", id) }
        guard request.body.readableBytes > 0 else { throw .invalidHeader("Content-Length", "0") }
        let limit = rules(request).maximumBlock
        guard request.body.readableBytes <= limit else { throw .tooLarge(limit: limit) }
        let md5 = try BlobRules.checkDigests(request)
        try container.stage(name, id: id, request.body)
        return Reply(status: 201, headers: [("Content-MD5", md5), ("x-ms-request-server-encrypted", "true")])
    }

    private func putBlockList(
        _ request: Request, _ container: BlobContainer, _ name: String, _ existing: Blob?
    ) throws(StorageError) -> Reply {
        guard request[header: "Content-Length"] != nil else { throw .missingContentLength }
        try checkConditions(request, existing)
        let md5 = try BlobRules.checkDigests(request)
        let references = try BlockListDocument.references(request.bodyBytes)
        var properties = try properties(request)
        properties.md5 = request[header: "x-ms-blob-content-md5"]
        let blob = try container.commit(name, references, properties)
        cloud.hub.changed()
        return created(blob, md5: md5)
    }

    private func checkConditions(_ request: Request, _ existing: Blob?) throws(StorageError) {
        if request[header: "If-None-Match"] == "*", existing != nil { throw .blobAlreadyExists }
        if let match = request[header: "If-Match"], match != "*" || existing == nil, match != existing?.etag { throw .conditionNotMet }
    }

    private func properties(_ request: Request) throws(StorageError) -> BlobContainer.Properties {
        var properties = BlobContainer.Properties(metadata: try BlobRules.metadata(request))
        if let type = request[header: "x-ms-blob-content-type"] ?? request[header: "Content-Type"] { properties.contentType = type }
        return properties
    }

    private func created(_ blob: Blob, md5: String) -> Reply {
        Reply(
            status: 201,
            headers: [
                ("Content-MD5", md5), ("ETag", blob.etag), ("Last-Modified", blob.modified.rfc1123),
                ("x-ms-request-server-encrypted", "true"),
            ])
    }
}
