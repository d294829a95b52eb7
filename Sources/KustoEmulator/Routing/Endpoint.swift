/// What a request asks for. Faults are aimed at these, and the counters are kept by these.
package enum Endpoint: String, Sendable, CaseIterable, Hashable {
    case token = "token"
    case discovery = "discovery"
    case metadata = "metadata"
    case managementResources = "mgmt.resources"
    case managementIdentity = "mgmt.identity"
    case managementVersion = "mgmt.version"
    case managementFailures = "mgmt.failures"
    case managementOther = "mgmt.other"
    case query = "query"
    case blobPut = "blob.put"
    case blobBlock = "blob.block"
    case blobBlockList = "blob.blocklist"
    case blobGet = "blob.get"
    case blobHead = "blob.head"
    case blobDelete = "blob.delete"
    case blobOther = "blob.other"
    case queuePut = "queue.put"
    case queueGet = "queue.get"
    case queuePeek = "queue.peek"
    case queueDelete = "queue.delete"
    case queueUpdate = "queue.update"
    case queueMetadata = "queue.metadata"
    case queueOther = "queue.other"
    case tableInsert = "table.insert"
    case tableGet = "table.get"
    case tableQuery = "table.query"
    case tableMerge = "table.merge"
    case tableReplace = "table.replace"
    case tableDelete = "table.delete"
    case tableOther = "table.other"
    case administration = "administration"
    case unknown = "unknown"

    /// The endpoints that a name stands for: one by its own, several by what stands before the dot (`blob`, `blob.*`). Nil for no name at all.
    static func named(_ name: String) -> Set<Endpoint>? {
        if let endpoint = Endpoint(rawValue: name) { return [endpoint] }
        let group = (name.hasSuffix(".*") ? String(name.dropLast(2)) : name) + "."
        let members = allCases.filter { $0.rawValue.hasPrefix(group) }
        return members.isEmpty ? nil : Set(members)
    }

    /// Whether it is one of the table service's, whose errors are OData's.
    var isTable: Bool { rawValue.hasPrefix("table.") }

    /// Whether the endpoint belongs to Azure Storage, whose errors are XML.
    var isStorage: Bool {
        switch self {
        case .blobPut, .blobBlock, .blobBlockList, .blobGet, .blobHead, .blobDelete, .blobOther: true
        case .queuePut, .queueGet, .queuePeek, .queueDelete, .queueUpdate, .queueMetadata, .queueOther: true
        case .tableInsert, .tableGet, .tableQuery, .tableMerge, .tableReplace, .tableDelete, .tableOther: true
        case .token, .discovery, .metadata, .managementResources, .managementIdentity, .managementVersion, .managementFailures,
            .managementOther:
            false
        case .query, .administration, .unknown: false
        }
    }
}
