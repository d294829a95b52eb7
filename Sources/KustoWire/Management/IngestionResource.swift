package import SpoolPrimitives

/// What a resource is for, by its `ResourceTypeName` (reference: kusto-queued-ingestion §1.5).
package enum IngestionResourceKind: String, Sendable, Hashable, CaseIterable {
    /// A blob container to upload to.
    case tempStorage = "TempStorage"
    /// A queue to post ingestion messages to.
    case securedReadyForAggregationQueue = "SecuredReadyForAggregationQueue"
    case failedIngestionsQueue = "FailedIngestionsQueue"
    case successfulIngestionsQueue = "SuccessfulIngestionsQueue"
    case ingestionsStatusTable = "IngestionsStatusTable"

    /// Compared without regard to case; nil for a name that later services may invent.
    package init?(typeName: String) {
        let wanted = typeName.lowercased()
        guard let kind = Self.allCases.first(where: { $0.rawValue.lowercased() == wanted }) else { return nil }
        self = kind
    }
}

/// One row of `.get ingestion resources`.
package struct IngestionResource: Sendable, Hashable {
    package var kind: IngestionResourceKind
    /// The container, queue or table, with its signature.
    package var url: SecretURL

    package init(kind: IngestionResourceKind, url: SecretURL) {
        self.kind = kind
        self.url = url
    }
}

/// The reply to `.get ingestion resources`.
package struct IngestionResourceList: Sendable, Hashable {
    /// In the service's order, each URL once.
    package var resources: [IngestionResource]
    /// Rows that are of no use here: an unknown type (a later service may have one), a URL that is none. Free of secrets.
    package var skipped: [String]

    package init(resources: [IngestionResource], skipped: [String] = []) {
        self.resources = resources
        self.skipped = skipped
    }

    package init(decoding response: ManagementResponse) throws(ManagementResponseError) {
        guard let table = response.primary else { throw .missing("its table") }
        guard let types = table.cells("ResourceTypeName", orAt: 0), let roots = table.cells("StorageRoot", orAt: 1) else {
            throw .missing("the columns ResourceTypeName and StorageRoot")
        }
        resources = []
        skipped = []
        var seen: Set<IngestionResource> = []
        for (type, root) in zip(types, roots) {
            let name = type.text ?? "no type"
            guard let kind = IngestionResourceKind(typeName: name) else {
                skipped.append("\(SecretScrubber.scrub(String(name.prefix(80)))): unknown type")
                continue
            }
            guard let url = root.text.flatMap(SecretURL.init), url.path.count > 1, url.scheme == "https" || url.isLoopback else {
                skipped.append("\(name): not the https URL of a resource")
                continue
            }
            let resource = IngestionResource(kind: kind, url: url)
            if seen.insert(resource).inserted { resources.append(resource) }
        }
    }
}

/// The two commands that answer with one cell.
extension ManagementResponse {
    /// The reply to `.get kusto identity token`: opaque, not the Entra token, to be sent verbatim (§1.6). An empty one is a failure.
    package func identityToken() throws(ManagementResponseError) -> Secret {
        guard let text = primary?.cells("AuthorizationContext", orAt: 0)?.first?.text, text.contains(where: { !$0.isWhitespace }) else {
            throw .missing("the identity token (AuthorizationContext)")
        }
        return Secret(text)
    }

    /// The reply to `.show version`: `DataManagement` or `Engine`; nil where the service does not say (§1.7).
    package func serviceType() -> String? {
        primary?.cells("ServiceType")?.first?.text.map { SecretScrubber.scrub(String($0.prefix(80))) }
    }
}
