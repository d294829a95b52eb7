/// An absolute http(s) URL whose query may be a shared access signature.
///
/// The query is kept byte for byte: decoding and encoding it again would break the signature (a `+` read as a space, `%2B` as `%252B`).
/// Its description ends at the `?`.
package struct SecretURL: Sendable, Hashable {
    /// Shared by all that is made of this URL: every request has one of its own, and copying it counts each of its parts.
    private let server: URLOrigin
    /// Percent-encoded path, beginning with `/`, or empty.
    package private(set) var path: String
    /// What stands after the `?`, without it; nil when there is no `?`.
    package private(set) var query: Secret?

    /// Nil unless `text` is an absolute http or https URL with a host, and free of user info, fragments, spaces and control characters.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), !text.contains("#") else { return nil }
        guard let schemeEnd = text.range(of: "://") else { return nil }
        var rest = text[schemeEnd.upperBound...]
        if let mark = rest.firstIndex(of: "?") {
            query = Secret(String(rest[rest.index(after: mark)...]))
            rest = rest[..<mark]
        }
        let authorityEnd = rest.firstIndex(of: "/") ?? rest.endIndex
        path = String(rest[authorityEnd...])
        guard let server = URLOrigin(scheme: text[..<schemeEnd.lowerBound], authority: rest[..<authorityEnd]) else { return nil }
        self.server = server
    }

    /// `http` or `https`, lower case.
    package var scheme: String { server.scheme }
    /// Host as written, lower case, without port; IPv6 literals in brackets.
    package var host: String { server.host }
    /// The port where one is written.
    package var port: Int? { server.port }
    /// Scheme, host and port where one is written: `https://host:port`.
    package var origin: String { server.text }
    /// Whether the host is this machine by name or address, so that plain http shows nothing to a network.
    package var isLoopback: Bool { server.isLoopback }

    /// The URL without its query: what may be logged and stored.
    package var withoutQuery: String { origin + path }

    /// The whole URL, for the wire only.
    package var revealed: String {
        if let query { "\(withoutQuery)?\(query.revealed)" } else { withoutQuery }
    }

    /// Path and query as they stand in a request's first line, for the wire only.
    package var target: String {
        let path = path.isEmpty ? "/" : path
        return if let query { "\(path)?\(query.revealed)" } else { path }
    }

    /// The same query behind a longer path.
    ///
    /// - Parameter segments: already percent-encoded, joined by `/`, without a leading one.
    package func appendingPath(_ segments: String) -> SecretURL {
        var url = self
        url.path = path.hasSuffix("/") ? path + segments : "\(path)/\(segments)"
        return url
    }

    /// The same query behind a path whose last segment is longer: `…/table` becomes `…/table(…)`.
    ///
    /// - Parameter text: already percent-encoded.
    package func appendingToLastSegment(_ text: String) -> SecretURL {
        var url = self
        url.path = path + text
        return url
    }

    /// The same URL with parameters of ours before the signature.
    ///
    /// - Parameter parameters: already percent-encoded, joined by `&`.
    package func prefixingQuery(_ parameters: String) -> SecretURL {
        var url = self
        if let query, !query.revealed.isEmpty {
            url.query = Secret("\(parameters)&\(query.revealed)")
        } else {
            url.query = Secret(parameters)
        }
        return url
    }

    /// The same scheme, host and port with another path and no query.
    package func replacingPath(_ path: String) -> SecretURL {
        var url = self
        url.path = path
        url.query = nil
        return url
    }

    /// The value of a query parameter, percent-decoded; for reading `se`, `sp` and the like.
    package func queryValue(_ name: String) -> String? {
        guard let query else { return nil }
        for pair in query.revealed.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts[0] == name { return PercentEncoding.decode(parts.count > 1 ? String(parts[1]) : "") }
        }
        return nil
    }
}

extension SecretURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { query == nil ? withoutQuery : "\(withoutQuery)?\(Secret.redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}

extension String {
    /// The range of the first occurrence; the standard library has none without Foundation.
    fileprivate func range(of needle: String) -> Range<String.Index>? { firstRange(of: needle) }
}
