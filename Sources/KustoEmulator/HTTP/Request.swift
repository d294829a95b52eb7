import NIOCore
import NIOHTTP1

/// One request as the endpoints see it: whole, with its URL taken apart.
struct Request: Sendable {
    let method: String
    let target: String
    let path: [String]
    let pairs: [(name: String, value: String)]
    let headers: HTTPHeaders
    let address: String
    let secure: Bool
    var body = ByteBuffer()

    init(_ head: HTTPRequestHead, address: String, secure: Bool) {
        method = head.method.rawValue
        target = head.uri
        headers = head.headers
        self.address = address
        self.secure = secure
        var text = head.uri[...]
        // An absolute form, which a proxy would send: only the path matters here.
        if text.utf8.first != UInt8(ascii: "/"), let scheme = text.firstRange(of: "://") {
            text = text[scheme.upperBound...].drop { $0 != "/" }
        }
        // Bytes and not characters are split: this runs for every request, and splitting by characters costs ten times as much.
        let halves = text.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        path = (halves.first ?? "".utf8[...]).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst().map {
            PercentCoding.decode(Substring($0)) ?? String(Substring($0))
        }
        pairs = halves.count == 2 ? PercentCoding.pairs(Substring(halves[1])) : []
    }

    /// The query's value of that name; the first, where it occurs twice.
    subscript(query name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// The query as a dictionary, for the signature.
    var query: [String: String] { Dictionary(pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }) }

    /// The header's value, without surrounding space.
    subscript(header name: String) -> String? { headers.first(name: name) }

    /// The URL without its query, where every secret of a storage URL stands.
    var safeTarget: String { String(target.prefix { $0 != "?" }) }

    var bodyBytes: [UInt8] { Array(body.readableBytesView) }

    /// The scheme and authority by which the client reached the emulator, so that the URLs it is given are reachable too.
    func base(default authority: String) -> String { "\(secure ? "https" : "http")://\(self[header: "Host"] ?? authority)" }
}
