import HTTPTransport
import SpoolPrimitives
import Testing

@Suite struct HTTPValueTests {
    @Test("headers are found whatever their case, the first of several")
    func headers() {
        let response = HTTPResponse(status: 200, headers: [("ETag", "a"), ("x-MS-request-id", "1"), ("X-ms-Request-ID", "2")])
        #expect(response.header("X-MS-REQUEST-ID") == "1")
        #expect(response.header("etag") == "a")
        #expect(response.header("etags") == nil)
        #expect(response.header("eta") == nil)
        #expect(response.header("x-ms-request-id2") == nil)
        #expect(response.headers.all.map(\.name) == ["ETag", "x-MS-request-id", "X-ms-Request-ID"])
    }

    @Test("a field's value is what stands behind its first colon, and a folded line continues it")
    func values() {
        var fields = HTTPFields([("Empty", ""), ("Colons", "a: b:c"), ("x", "not a line\nof its own")])
        #expect(fields["empty"] == "")
        #expect(fields["colons"] == "a: b:c")
        #expect(fields["X"] == "not a lineof its own")
        Array("and more".utf8).withUnsafeBytes { fields.continueLast($0) }
        #expect(fields["x"] == "not a lineof its own and more")
        fields.removeAll()
        Array("of nothing".utf8).withUnsafeBytes { fields.continueLast($0) }
        #expect(fields["x"] == nil && fields.all.isEmpty)
    }

    @Test("the server's clock is read from its Date, and from nothing else")
    func date() {
        let response = HTTPResponse(status: 200, headers: [("Date", "Sun, 06 Nov 1994 08:49:37 GMT")])
        #expect(response.serverDate?.description == "1994-11-06T08:49:37.000000Z")
        #expect(HTTPResponse(status: 200, headers: [("Date", "yesterday")]).serverDate == nil)
        #expect(HTTPResponse(status: 200).serverDate == nil)
    }

    @Test("a request shows neither its credential nor its signature")
    func secrets() throws {
        let url = try #require(SecretURL("https://a.example/c?sig=abc"))
        let request = HTTPRequest(.put, url, headers: [HTTPHeader("Authorization", secret: Secret("Bearer t0ken"))])
        var shown = ""
        dump(request, to: &shown)
        #expect(!shown.contains("sig=") && !shown.contains("t0ken"))
        #expect(shown.contains("https://a.example/c") && shown.contains("Authorization"))
    }

    @Test("what may be sent twice is what HTTP calls idempotent")
    func repeatable() throws {
        let url = try #require(SecretURL("https://a.example/"))
        #expect(HTTPRequest(.put, url).isRepeatable)
        #expect(!HTTPRequest(.post, url).isRepeatable)
    }
}
