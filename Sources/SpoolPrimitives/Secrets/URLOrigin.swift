/// Where a URL leads: its scheme, host and port.
final class URLOrigin: Sendable {
    let scheme: String
    let host: String
    let port: Int?
    /// `https://host:port`, which says all of it.
    let text: String
    let isLoopback: Bool

    /// Nil for anything but http and https, a host, and a port from 0 to 65535 where one is written.
    init?(scheme: Substring, authority: Substring) {
        self.scheme = scheme.lowercased()
        guard self.scheme == "http" || self.scheme == "https", !authority.contains("@") else { return nil }
        let hostEnd: Substring.Index
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            hostEnd = authority.index(after: close)
        } else {
            hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        host = authority[..<hostEnd].lowercased()
        guard !host.isEmpty else { return nil }
        let portText = authority[hostEnd...]
        if portText.isEmpty {
            port = nil
        } else {
            guard portText.hasPrefix(":"), let number = UInt16(portText.dropFirst()) else { return nil }
            port = Int(number)
        }
        text = port.map { [scheme = self.scheme, host] in "\(scheme)://\(host):\($0)" } ?? "\(self.scheme)://\(host)"
        isLoopback = Self.isLoopback(host)
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }
}

extension URLOrigin: Hashable {
    static func == (a: URLOrigin, b: URLOrigin) -> Bool { a === b || a.text == b.text }

    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
