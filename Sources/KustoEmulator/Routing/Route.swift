/// Where a request goes, decided by its head alone, but for a management command, which stands in the body.
enum Route: Sendable {
    case token(tenant: String)
    case instanceDiscovery
    case openIDConfiguration(tenant: String)
    case authMetadata
    case management(onEngine: Bool)
    case query(version: Int)
    case blob(BlobAddress)
    case queue(QueueAddress)
    case table(TableAddress)
    case administration(String)
    case unknown

    struct BlobAddress: Sendable {
        let account: String
        let container: String
        let name: String
    }

    struct QueueAddress: Sendable {
        let account: String
        let queue: String
        /// Whether the path goes on with `/messages`, and with which message.
        let isMessages: Bool
        let messageID: String?
    }

    init(_ request: Request, onEngine: Bool) {
        let path = request.path
        switch path.first ?? "" {
        case "v1", "v2": self = Route(service: path, onEngine: onEngine)
        case "__emulator": self = .administration(path.dropFirst().joined(separator: "/"))
        case "common" where path.dropFirst().first == "discovery": self = .instanceDiscovery
        default:
            if path.count == 4, path[1...3] == ["oauth2", "v2.0", "token"] {
                self = .token(tenant: path[0])
            } else if path.count == 4, path[1...3] == ["v2.0", ".well-known", "openid-configuration"] {
                self = .openIDConfiguration(tenant: path[0])
            } else {
                self = Route(storage: path, request)
            }
        }
    }

    private init(service path: [String], onEngine: Bool) {
        switch path {
        case ["v1", "rest", "auth", "metadata"]: self = .authMetadata
        case ["v1", "rest", "mgmt"]: self = .management(onEngine: onEngine)
        case ["v1", "rest", "query"]: self = .query(version: 1)
        case ["v2", "rest", "query"]: self = .query(version: 2)
        default: self = .unknown
        }
    }

    /// Storage is path-style, one port for all its services: the signature's parameters and the shape of the path tell them apart.
    private init(storage path: [String], _ request: Request) {
        guard path.count >= 2, !path[1].isEmpty else {
            self = .unknown
            return
        }
        let (account, second) = (path[0], path[1])
        let speaksOData = request[header: "DataServiceVersion"] != nil || request[header: "Accept"]?.contains("odata=") == true
        if request[query: "tn"] != nil || path.count == 2 && (second.hasSuffix(")") || speaksOData) {
            self = .table(TableAddress(account: account, segment: second))
        } else if request[query: "sr"] != nil || request[query: "restype"] == "container" {
            self = .blob(BlobAddress(account: account, container: second, name: path.dropFirst(2).joined(separator: "/")))
        } else if path.count == 2 || path[2] == "messages" {
            let message = path.count == 4 ? path[3] : nil
            self = .queue(QueueAddress(account: account, queue: second, isMessages: path.count > 2, messageID: message))
        } else {
            self = .blob(BlobAddress(account: account, container: second, name: path.dropFirst(2).joined(separator: "/")))
        }
    }
}

extension Route {
    /// The endpoint, which for a management command needs the body.
    func endpoint(_ request: Request) -> Endpoint {
        switch self {
        case .token: .token
        case .instanceDiscovery, .openIDConfiguration: .discovery
        case .authMetadata: .metadata
        case .management: ManagementCommand(request.bodyBytes).endpoint
        case .query: .query
        case .blob: Self.blobEndpoint(request)
        case .queue(let address): Self.queueEndpoint(request, address)
        case .table(let address): Self.tableEndpoint(request, address)
        case .administration: .administration
        case .unknown: .unknown
        }
    }

    /// Whether the endpoint can be told before the body is there.
    var isKnownByHead: Bool {
        if case .management = self { false } else { true }
    }

    /// The account and the container or queue, for faults that are aimed at one.
    var storageName: (account: String, resource: String)? {
        switch self {
        case .blob(let address): (address.account, address.container)
        case .queue(let address): (address.account, address.queue)
        case .table(let address): (address.account, address.table)
        case .token, .instanceDiscovery, .openIDConfiguration, .authMetadata, .management, .query, .administration, .unknown: nil
        }
    }

    private static func blobEndpoint(_ request: Request) -> Endpoint {
        switch (request.method, request[query: "comp"]) {
        case ("PUT", nil): .blobPut
        case ("PUT", "block"): .blobBlock
        case ("PUT", "blocklist"): .blobBlockList
        case ("GET", nil): .blobGet
        case ("HEAD", nil): .blobHead
        case ("DELETE", nil): .blobDelete
        default: .blobOther
        }
    }

    private static func tableEndpoint(_ request: Request, _ address: TableAddress) -> Endpoint {
        // A POST may stand for another verb, for the sake of what lets only GET and POST through.
        let method = request.method == "POST" ? request[header: "X-HTTP-Method"]?.uppercased() ?? "POST" : request.method
        return switch (method, address.key) {
        case ("POST", nil): .tableInsert
        case ("GET", nil): .tableQuery
        case ("GET", .some): .tableGet
        case ("MERGE", .some), ("PATCH", .some): .tableMerge
        case ("PUT", .some): .tableReplace
        case ("DELETE", .some): .tableDelete
        default: .tableOther
        }
    }

    private static func queueEndpoint(_ request: Request, _ address: QueueAddress) -> Endpoint {
        switch (request.method, address.isMessages, address.messageID) {
        case ("POST", true, nil): .queuePut
        case ("GET", true, nil): request[query: "peekonly"] == "true" ? .queuePeek : .queueGet
        case ("DELETE", true, .some): .queueDelete
        case ("PUT", true, .some): .queueUpdate
        case ("GET", false, nil), ("HEAD", false, nil): .queueMetadata
        default: .queueOther
        }
    }
}
