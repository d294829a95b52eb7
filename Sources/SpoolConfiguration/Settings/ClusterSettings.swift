package import KustoWire
import SpoolPrimitives

/// Where to ingest to, and as whom.
package struct ClusterSettings: Sendable, Hashable {
    package var endpoint: IngestEndpoint
    package var credential: CredentialSettings
    /// Certificates to trust in place of the system's.
    package var caFile: String?
    /// Hosts beyond the well-known ones that tokens may be sent to; one that begins with a dot stands for all below it.
    package var trustedHosts: [String]
    /// The query endpoint, where `.show ingestion failures` may be asked for what no notification said; nil asks nobody.
    package var engine: IngestEndpoint?

    package init(
        endpoint: IngestEndpoint, credential: CredentialSettings, caFile: String? = nil, trustedHosts: [String] = [],
        engine: IngestEndpoint? = nil
    ) {
        self.engine = engine
        self.endpoint = endpoint
        self.credential = credential
        self.caFile = caFile
        self.trustedHosts = trustedHosts
    }
}

extension ClusterSettings {
    private static let ingestionURI = ConfigurationKey<String>.text(
        "ingestion_uri", .required, allowed: "https://ingest-<cluster>.<region>.kusto.windows.net",
        "The cluster's data management endpoint, as the portal shows it under \"Data ingestion URI\". The query URI, without `ingest-`, is refused with the right one named."
    )

    private static let engineURI = ConfigurationKey<String>.text(
        "engine_uri", .optional, allowed: "https://<cluster>.<region>.kusto.windows.net",
        "The cluster's query endpoint. Where it is given, `.show ingestion failures` is asked about every file whose deadline passes without a notification: "
            + "a failure found there is its verdict, and silence proves nothing. Absent: nobody is asked, since the principal needs a right of its own for it."
    )

    private static let verbatimURI = ConfigurationKey<Bool>.flag(
        "verbatim_uri", default: false,
        "Takes `ingestion_uri` as it is, for private links and proxies whose names follow no rule. Off, since a query URI is the commonest slip."
    )

    private static let caFile = ConfigurationKey<String>.path(
        "ca_file", .optional,
        "PEM file of the certificates to trust, and no others: behind a proxy that replaces certificates, its CA and the system's. Absent: those of the system. Verification cannot be switched off."
    )

    private static let trustedHosts = ConfigurationKey<[String]>.list(
        "trusted_hosts",
        of: .scalar("host", allowed: "a host name, or one with a leading dot for all below it", .optional, "", read: hostName),
        .defaulted("[]"),
        "Hosts beyond the service's well-known ones that tokens may be sent to. Empty, since a token sent to a stranger is lost.")

    static let section = SectionDescription(
        "cluster", "Where to ingest to, and as whom.",
        [
            ingestionURI.description, engineURI.description, CredentialSettings.key.description, caFile.description,
            verbatimURI.description,
            trustedHosts.description,
        ])

    static let key = ConfigurationKey<ClusterSettings>.section("cluster", section, required: true) { reader in
        let uri = reader.read(ingestionURI)
        let engineURI = reader.read(engineURI)
        let isVerbatim = reader.read(verbatimURI) ?? false
        let credential = reader.read(CredentialSettings.key)
        let caFile = reader.read(caFile)
        let trustedHosts = reader.read(trustedHosts) ?? []
        var engine: IngestEndpoint?
        if let engineURI { engine = queryEndpoint(engineURI, isVerbatim: isVerbatim, &reader) }
        guard let uri else { return nil }
        do throws(IngestEndpointComplaint) {
            let endpoint = try IngestEndpoint(configured: uri, isVerbatim: isVerbatim)
            guard let credential else { return nil }
            return ClusterSettings(endpoint: endpoint, credential: credential, caFile: caFile, trustedHosts: trustedHosts, engine: engine)
        } catch {
            reader.error("ingestion_uri", error.description)
            return nil
        }
    }

    /// The data management endpoint answers other commands; an address may be both.
    private static func queryEndpoint(_ uri: String, isVerbatim: Bool, _ reader: inout SectionReader) -> IngestEndpoint? {
        do throws(IngestEndpointComplaint) {
            let engine = try IngestEndpoint(configured: uri, isVerbatim: true)
            if isVerbatim || !engine.url.host.contains("ingest-") { return engine }
            let right = engine.engineURL.map { ": use \($0)" } ?? ""
            reader.error("engine_uri", "this is the cluster's data management endpoint; failures are listed by its query endpoint\(right)")
        } catch {
            reader.error("engine_uri", error.description)
        }
        return nil
    }

    private static func hostName(_ text: String) -> String? {
        let host = text.lowercased()
        let labels = (host.hasPrefix(".") ? String(host.dropFirst()) : host).split(separator: ".", omittingEmptySubsequences: false)
        let areLabels = labels.allSatisfy { label in
            !label.isEmpty && label.count <= 63 && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        }
        return areLabels ? host : nil
    }
}
