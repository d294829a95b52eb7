/// `/v1/rest/mgmt` and `/v1/rest/auth/metadata`.
struct ManagementEndpoint: Sendable {
    let cloud: Cloud

    func answer(_ request: Request, onEngine: Bool) throws(OneAPIError) -> Reply {
        try Self.requirePost(request)
        switch ManagementCommand(request.bodyBytes) {
        case .ingestionResources:
            try requireDataManagement(onEngine, request)
            let rows = cloud.resources.rows(base: request.base(default: cloud.authority), secure: request.secure)
            let columns = [Dataset.Column(name: "ResourceTypeName", type: .string), Dataset.Column(name: "StorageRoot", type: .string)]
            return .json(200, Dataset(columns: columns, rows: rows.map { [.string($0.type), .string($0.root)] }).version1)
        case .identityToken:
            try requireDataManagement(onEngine, request)
            let column = Dataset.Column(name: "AuthorizationContext", type: .string)
            return .json(200, Dataset(columns: [column], rows: [[.string(cloud.identities.issue())]]).version1)
        case .showVersion:
            let columns = [
                Dataset.Column(name: "BuildVersion", type: .string), Dataset.Column(name: "BuildTime", type: .datetime),
                Dataset.Column(name: "ServiceType", type: .string), Dataset.Column(name: "ProductVersion", type: .string),
            ]
            let service = onEngine ? "Engine" : "DataManagement"
            let row: [JSON] = ["1.0.0.0", "2026-01-01T00:00:00Z", .string(service), "kusto-emulator"]
            return .json(200, Dataset(columns: columns, rows: [row]).version1)
        case .ingestionFailures(let operation, let rest):
            try requireEngine(onEngine, request)
            var dataset = cloud.failures.dataset
            if let operation { dataset.rows = dataset.rows.filter { $0.first?.text == operation } }
            return .json(200, try PipelineReader.read(rest, now: cloud.clock.now).apply(dataset).version1)
        case .other(let command):
            throw .syntax("the command is not known to the emulator: \(command.prefix(100))")
        case .malformed:
            throw .badRequest(
                type: "Kusto.Common.Svc.Exceptions.BadRequestException", "The request's body is not JSON with a member named csl.")
        }
    }

    func metadata(_ request: Request) -> Reply {
        let base = request.base(default: cloud.authority)
        return .json(
            200,
            [
                "AzureAD": [
                    "LoginEndpoint": .string(base), "LoginMfaRequired": false, "KustoClientAppId": "db662dc1-0cfe-4e1c-a843-19a68e65be58",
                    "KustoClientRedirectUri": "https://microsoft/kustoclient", "KustoServiceResourceId": "https://kusto.kusto.windows.net",
                    "FirstPartyAuthorityUrl": .string("\(base)/f8cdef31-a31e-4b4a-93e4-5f571e91255a"),
                ]
            ])
    }

    static func requirePost(_ request: Request) throws(OneAPIError) {
        guard request.method == "POST" else {
            throw OneAPIError(type: "Kusto.Common.Svc.Exceptions.MethodNotAllowed", message: "Use POST.", isPermanent: true, status: 405)
        }
    }

    /// What an engine remembers only the engine can tell.
    private func requireEngine(_ onEngine: Bool, _ request: Request) throws(OneAPIError) {
        guard !onEngine else { return }
        let base = "\(request.secure ? "https" : "http")://\(cloud.engineAuthority)"
        throw OneAPIError(
            code: "BadRequest", type: "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException",
            message: "Cannot show ingestion failures from this service endpoint. The appropriate endpoint is most likely '\(base)/'.",
            isPermanent: false, status: 400)
    }

    /// An engine sends whoever asks it for ingestion resources to the data management endpoint, by name.
    private func requireDataManagement(_ onEngine: Bool, _ request: Request) throws(OneAPIError) {
        guard onEngine else { return }
        let base = "\(request.secure ? "https" : "http")://\(cloud.authority)"
        throw OneAPIError(
            code: "BadRequest", type: "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException",
            message: "Cannot get ingestion resources from this service endpoint. The appropriate endpoint is most likely '\(base)/'.",
            isPermanent: false, status: 400)
    }
}
