package import SpoolPrimitives

/// The hosts that tokens and secrets may be sent to.
///
/// A cluster's address is typed by people and tells where to log in; without this check, a mistyped or foreign one would be handed a token
/// for the real service. Asked before any request to the host, the metadata's included. Hosts of this machine are always trusted; everything
/// else needs https.
package struct TrustedEndpoints: Sendable {
    private let extra: [HostPattern]

    /// - Parameter extra: further hosts, for services and for logins: `host.example`, or `*.example` for everything below it.
    package init(extra: [String] = []) { self.extra = extra.map(HostPattern.init) }

    /// - Throws: ``AuthError`` of kind `untrusted`, unless the host is a Kusto service's.
    package func check(service: SecretURL) throws(AuthError) {
        try check(service, Cloud.all.flatMap(\.services), "a Kusto service")
    }

    /// - Throws: ``AuthError`` of kind `untrusted`, unless the host is one where Entra takes secrets.
    package func check(login: SecretURL) throws(AuthError) {
        try check(login, Cloud.all.flatMap(\.logins), "a login")
    }

    /// As `check(login:)`, and the login is that of the service's own cloud.
    package func check(login: SecretURL, namedBy service: SecretURL) throws(AuthError) {
        let clouds = Cloud.all.filter { $0.services.contains { $0.matches(service.host) } }
        try check(login, (clouds.isEmpty ? Cloud.all : clouds).flatMap(\.logins), "the login of \(service.host)")
    }

    private func check(_ url: SecretURL, _ patterns: [HostPattern], _ what: String) throws(AuthError) {
        if url.isLoopback { return }
        guard url.scheme == "https" else {
            throw AuthError(operation: url.withoutQuery, .untrusted("no token or secret is sent over plain http"))
        }
        guard (patterns + extra).contains(where: { $0.matches(url.host) }) else {
            throw AuthError(operation: url.withoutQuery, .untrusted("\(url.host) is not known as \(what)"))
        }
    }
}

/// A host, or everything below a domain.
struct HostPattern: Sendable {
    /// Lower case; begins with a dot where it is a suffix.
    private let text: String

    init(_ text: String) {
        let lower = text.lowercased()
        self.text = lower.hasPrefix("*.") ? String(lower.dropFirst()) : lower
    }

    func matches(_ host: String) -> Bool {
        // A dot at the end names the same host (RFC 1034 §3.1).
        let host = host.hasSuffix(".") ? String(host.dropLast()) : host
        return text.hasPrefix(".") ? host.hasSuffix(text) && host.count > text.count : host == text
    }
}
