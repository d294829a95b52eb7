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

    private func container() throws -> SecretURL { try #require(SecretURL("https://acct.blob.core.windows.net/c1?\(Self.sas)")) }

    private func name() throws -> BlobName { try #require(BlobName("a/b.csv.gz")) }

    @Test("Put Block and Put Block List name the blocks in order, as Latest")
    func blocks() async throws {
        let transport = ScriptedTransport(201)
        let client = BlobClient(transport)
        let blocks = [0, 1, 49_999].map(BlockID.init(index:))
        _ = try await client.putBlock(
            container: container(), name: name(), blockID: blocks[1], body: [1, 2], md5: MD5Digest(of: [1, 2]), clientRequestID: .random())
        _ = try await client.putBlockList(
            container: container(), name: name(), blockIDs: blocks, blobMD5: MD5Digest(of: [1, 2]), clientRequestID: .random())
        let requests = transport.requests
        #expect(requests.map(\.method) == [.put, .put])
        #expect(requests[0].url.revealed == "https://acct.blob.core.windows.net/c1/a/b.csv.gz?comp=block&blockid=MDAwMDAx&\(Self.sas)")
        #expect(requests[0].header("x-ms-blob-type") == nil)
        #expect(requests[1].url.revealed == "https://acct.blob.core.windows.net/c1/a/b.csv.gz?comp=blocklist&\(Self.sas)")
        #expect(
            String(decoding: requests[1].body, as: UTF8.self)
                == #"<?xml version="1.0" encoding="utf-8"?><BlockList><Latest>MDAwMDAw</Latest><Latest>MDAwMDAx</Latest><Latest>MDQ5OTk5</Latest></BlockList>"#
        )
        #expect(requests[1].header("Content-MD5") == MD5Digest(of: requests[1].body).base64)
        #expect(requests[1].header("x-ms-blob-content-md5") == MD5Digest(of: [1, 2]).base64)
        #expect(Set(requests.compactMap { $0.header("x-ms-client-request-id") }).count == 2)
    }

    @Test("a digest of other bytes in the reply is an error, and the bytes are there")
    func otherBytes() async throws {
        let ours = MD5Digest(of: [1])
        let theirs = MD5Digest(of: [2])
        let client = BlobClient(ScriptedTransport(201, [("Content-MD5", theirs.base64)]))
        let (container, name) = (try container(), try name())
        do throws(StorageError) {
            _ = try await client.putBlob(container: container, name: name, body: [1], md5: ours, clientRequestID: .random())
            Issue.record("taken for a success")
        } catch {
            #expect(error.cause == .digestMismatch(ours: ours, theirs: theirs))
            #expect(error.processing == .surely(status: 201))
            #expect(error.description.contains("other bytes"))
        }
    }

    @Test("a blob's properties are read from a HEAD")
    func properties() async throws {
        let md5 = MD5Digest(of: [1])
        let transport = ScriptedTransport(200, [("Content-Length", "5000000000"), ("Content-MD5", md5.base64), ("ETag", "e")])
        let properties = try await BlobClient(transport).blobProperties(container: container(), name: name(), clientRequestID: .random())
        #expect(transport.requests.first?.method == .head)
        #expect(properties.length == ByteCount(5_000_000_000 as Int64))
        #expect(properties.contentMD5 == md5)
        #expect(properties.reply.etag == "e")
    }

    @Test("a blob that is not there is known by the header alone")
    func missing() async throws {
        let client = BlobClient(ScriptedTransport(404, [("x-ms-error-code", "BlobNotFound")]))
        let (container, name) = (try container(), try name())
        await #expect {
            try await client.blobProperties(container: container, name: name, clientRequestID: .random())
        } throws: { error in
            (error as? StorageError)?.code == .blobNotFound
        }
    }

    @Test("a large upload gets the time that it takes at a slow line's speed")
    func limits() async throws {
        let transport = ScriptedTransport(201)
        let body = [UInt8](repeating: 0, count: 64 << 20)
        _ = try await BlobClient(transport).putBlob(
            container: container(), name: name(), body: body, md5: MD5Digest(of: body), clientRequestID: .random())
        #expect(transport.requests.first?.limits.total == .seconds(60 + 512))
    }

    @Test(
        "names that the service or a URL would change are refused",
        arguments: ["", "/a", "a/", "a//b", ".", "a/..", "a/../b", "a.", "a\nb"])
    func badNames(text: String) {
        #expect(BlobName(text) == nil)
    }

    @Test("names keep their slashes, and everything else is encoded")
    func names() throws {
        #expect(BlobName("i/ü+%.gz")?.encodedPath == "i/%C3%BC%2B%25.gz")
        #expect(BlobName(String(repeating: "a", count: 1024)) != nil)
        #expect(BlobName(String(repeating: "a", count: 1025)) == nil)
    }

    @Test("a request id is a random UUID")
    func requestID() throws {
        let text = ClientRequestID.random().text
        #expect(text.count == 36)
        #expect(text.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(text != ClientRequestID.random().text)
    }
}
