import AzureStorage
import CurlTransport
import HTTPTransport
import OpenSSLCrypto
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct BlobClientTests {
    private static let sas = "sv=2018-03-28&sr=c&sp=rw&sig=aB%2B/c%3D"

    @Test("Put Blob says what it must, under the name as it is encoded")
    func putBlob() async throws {
        let body = Array("a,b\n".utf8)
        let md5 = MD5Digest(of: body)
        let transport = try CurlTransport()
        defer { transport.close() }
        let reply = Reply.bytes(201, ["ETag: \"0x1\"", "Content-MD5: \(md5.base64)", "x-ms-request-id: r1"])
        try await ScriptedServer.with([[.readRequest, .send(reply)]]) { server in
            let container = try #require(SecretURL("\(server.origin)/acct/c1?\(Self.sas)"))
            let name = try #require(BlobName("spool/é x+%.csv.gz"))
            let stored = try await BlobClient(transport).putBlob(
                container: container, name: name, body: body, md5: md5, clientRequestID: ClientRequestID("test;1"))
            #expect(stored.etag == "\"0x1\"")
            #expect(stored.requestID == "r1")
            #expect(stored.contentMD5 == md5)
            let request = try #require(server.requests.first)
            #expect(request.method == "PUT")
            #expect(request.target == "/acct/c1/spool/%C3%A9%20x%2B%25.csv.gz?\(Self.sas)")
            #expect(request.header("x-ms-blob-type") == "BlockBlob")
            #expect(request.header("x-ms-version") == "2019-12-12")
            #expect(request.header("x-ms-client-request-id") == "test;1")
            #expect(request.header("Content-MD5") == md5.base64)
            #expect(request.header("Authorization") == nil)
            #expect(request.body == body)
        }
    }
}
