import KustoIngest
import KustoWire
import SpoolPrimitives

/// A URL with a shared access signature, and the times in it.
enum SASInput {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        let text = String(decoding: bytes, as: UTF8.self)
        try checkTimes(text)
        try expect(PercentEncoding.decode(PercentEncoding.encode(text)) == text, "a percent-encoded text reads differently")
        guard let url = SecretURL(text) else { return }
        try expect(SecretURL(url.revealed) == url, "a URL that was written again reads differently")
        try expect(url.revealed.utf8.count <= text.utf8.count + 8, "a URL grew")
        try expect(url.revealed.hasPrefix(url.withoutQuery), "a URL begins differently without its query")
        try check(StorageResource(IngestionResource(kind: .tempStorage, url: url)))
        try check(StorageResource(IngestionResource(kind: .tempStorage, url: url.prefixingQuery("comp=list").appendingPath("blob"))))
    }

    /// No description of a resource has anything of its query.
    static func check(_ resource: StorageResource) throws(Violation) {
        var shown = "\(resource) \(resource.url) \(resource.account) \(resource.identity) \(String(reflecting: resource.url))"
        dump(resource.url, to: &shown)
        guard let query = resource.url.query?.revealed, query.utf8.count >= 8 else { return }
        // The path may say the same by chance.
        let rest = shown.replacing(resource.url.withoutQuery, with: "").replacing(resource.account.name, with: "")
        try expect(!rest.contains(query), "a description shows the query: \(shown)")
    }

    private static func checkTimes(_ text: String) throws(Violation) {
        for instant in [Timestamp(iso8601: text), Timestamp(httpDate: text)] {
            guard let instant else { continue }
            try expect(Timestamp(iso8601: instant.description) == instant, "\(instant) reads differently")
        }
    }
}
