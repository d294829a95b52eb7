package import SpoolPrimitives

/// The data management endpoint of a cluster: `https://ingest-<cluster>.<region>.kusto.windows.net`.
///
/// Queued ingestion talks to it alone; the engine's endpoint has the same name without `ingest-`. SDKs mend a wrong URL silently; here it is a
/// complaint that says the right one, for a daemon's configuration is written once and read by many.
/// Source: reference: kusto-queued-ingestion §1.1.
package struct IngestEndpoint: Sendable, Hashable {
    /// Without query and without a trailing `/`; a path (of a proxy) is kept.
    package let url: SecretURL

    /// Checks a configured URI.
    ///
    /// - Parameters:
    ///   - text: `https://ingest-…`; addresses, localhost and the development box are taken as they are, since no rule can know better.
    ///   - isVerbatim: takes any https URL, for private links and proxies whose names follow no rule.
    package init(configured text: String, isVerbatim: Bool = false) throws(IngestEndpointComplaint) {
        if text.contains(";") || text.lowercased().hasPrefix("data source=") { throw .connectionString }
        guard text.contains("://") else {
            guard let guess = SecretURL("https://\(text)"), !text.isEmpty else { throw .malformed }
            throw .schemeMissing(suggestion: Self.isExempt(guess) ? guess.withoutQuery : Self.withPrefix(guess))
        }
        guard let parsed = SecretURL(text) else { throw .malformed }
        if parsed.query != nil { throw .queryPresent(suggestion: parsed.withoutQuery) }
        if parsed.scheme == "http", !parsed.isLoopback {
            throw .plainHTTP(suggestion: "https" + parsed.withoutQuery.dropFirst("http".count))
        }
        var path = parsed.path
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasPrefix("/v1/rest") { throw .pathOfAnOperation(suggestion: parsed.origin) }
        let url = parsed.replacingPath(path)
        if !isVerbatim, !Self.isExempt(url), !url.host.contains("ingest-") { throw .engine(suggestion: Self.withPrefix(url)) }
        self.url = url
    }

    /// Where management commands are posted to: `/v1/rest/mgmt` below the endpoint.
    package var managementURL: SecretURL { url.appendingPath("v1/rest/mgmt") }

    /// Where the cluster says which authority and resource its tokens are for. Always at the host's root (§1.8).
    package var metadataURL: SecretURL { url.replacingPath("/v1/rest/auth/metadata") }

    /// The engine's URL: the first `ingest-` of the host removed. Nil where the host has none and the rule does not hold.
    package var engineURL: SecretURL? {
        guard let prefix = url.host.firstRange(of: "ingest-") else { return Self.isExempt(url) ? url : nil }
        let host = url.host.replacingCharacters(in: prefix)
        return SecretURL(url.withoutQuery.replacingFirst(url.host, with: host))
    }

    /// The same URL with `ingest-` before its host.
    private static func withPrefix(_ url: SecretURL) -> String {
        url.host.hasPrefix("ingest-") ? url.withoutQuery : url.withoutQuery.replacingFirst("://", with: "://ingest-")
    }

    /// Hosts that the rule leaves alone: IP literals, localhost, and the product group's own development box.
    private static func isExempt(_ url: SecretURL) -> Bool {
        if url.isLoopback || url.host.hasPrefix("[") || url.host == "onebox.dev.kusto.windows.net" { return true }
        let octets = url.host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets.allSatisfy { UInt8($0) != nil }
    }
}

extension IngestEndpoint: CustomStringConvertible {
    package var description: String { url.description }
}

extension String {
    fileprivate func replacingFirst(_ needle: String, with replacement: String) -> String {
        guard let range = firstRange(of: needle) else { return self }
        return self[..<range.lowerBound] + replacement + self[range.upperBound...]
    }

    fileprivate func replacingCharacters(in range: Range<Index>) -> String {
        String(self[..<range.lowerBound] + self[range.upperBound...])
    }
}
