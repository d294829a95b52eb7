/// What a request asks for. Faults are aimed at these, and the counters are kept by these.
package enum Endpoint: String, Sendable, CaseIterable, Hashable {
    case token = "token"
    case discovery = "discovery"
    case metadata = "metadata"
    case managementResources = "mgmt.resources"
    case managementIdentity = "mgmt.identity"
    case managementVersion = "mgmt.version"
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
    case table = "table"
    case administration = "administration"
    case unknown = "unknown"

    /// Whether the endpoint belongs to Azure Storage, whose errors are XML.
    var isStorage: Bool {
        switch self {
        case .blobPut, .blobBlock, .blobBlockList, .blobGet, .blobHead, .blobDelete, .blobOther: true
        case .queuePut, .queueGet, .queuePeek, .queueDelete, .queueUpdate, .queueMetadata, .queueOther, .table: true
        case .token, .discovery, .metadata, .managementResources, .managementIdentity, .managementVersion, .managementOther: false
        case .query, .administration, .unknown: false
        }
    }
}
