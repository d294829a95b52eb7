import KustoEmulator
import Testing

@Suite struct BlockListTests {
    private static func block(_ cloud: Emulated, _ root: String, _ id: String, _ text: String) throws -> TestReply {
        let encoded = Digests.base64(Array(id.utf8)).replacing("=", with: "%3D").replacing("+", with: "%2B").replacing("/", with: "%2F")
        return try cloud.request("PUT", Emulated.url(root, "x", "comp=block&blockid=\(encoded)"), [], Array(text.utf8))
    }

    private static func commit(_ cloud: Emulated, _ root: String, _ items: [(String, String)], _ headers: [(String, String)] = []) throws
        -> TestReply
    {
        let body = items.map { "<\($0.0)>\(Digests.base64(Array($0.1.utf8)))</\($0.0)>" }.joined()
        let document = "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<BlockList>\(body)</BlockList>"
        return try cloud.request("PUT", Emulated.url(root, "x", "comp=blocklist"), headers, Array(document.utf8))
    }

    @Test("the list decides the order, and what it leaves out is dropped")
    func order() async throws {
        try await Emulated.with { cloud async throws in
            let root = try cloud.container()
            for (id, text) in [("01", "a"), ("02", "b"), ("03", "c")] { #expect(try Self.block(cloud, root, id, text).status == 201) }
            #expect(cloud.emulator.blobCount == 0)
            #expect(try Self.commit(cloud, root, [("Latest", "03"), ("Latest", "01")]).status == 201)
            #expect(try cloud.request("GET", Emulated.url(root, "x")).text == "ca")
            #expect(try Self.commit(cloud, root, [("Latest", "02")])["x-ms-error-code"] == "InvalidBlockList")
        }
    }

    @Test("Latest finds committed blocks again, Uncommitted does not, Committed keeps the old block")
    func sources() async throws {
        try await Emulated.with { cloud async throws in
            let root = try cloud.container()
            _ = try Self.block(cloud, root, "01", "old")
            #expect(try Self.commit(cloud, root, [("Uncommitted", "01")]).status == 201)
            // A list whose reply was lost is sent again: this is why it says Latest.
            #expect(try Self.commit(cloud, root, [("Latest", "01")]).status == 201)
            #expect(try Self.commit(cloud, root, [("Uncommitted", "01")])["x-ms-error-code"] == "InvalidBlockList")
            _ = try Self.block(cloud, root, "01", "new")
            #expect(try Self.commit(cloud, root, [("Committed", "01")]).status == 201)
            #expect(try cloud.request("GET", Emulated.url(root, "x")).text == "old")
            _ = try Self.block(cloud, root, "01", "new")
            #expect(try Self.commit(cloud, root, [("Latest", "01")]).status == 201)
            #expect(try cloud.request("GET", Emulated.url(root, "x")).text == "new")
        }
    }

    @Test("a Put Blob throws away what was staged")
    func putBlob() async throws {
        try await Emulated.with { cloud async throws in
            let root = try cloud.container()
            _ = try Self.block(cloud, root, "01", "a")
            try cloud.put(Emulated.url(root, "x"), [1])
            #expect(try Self.commit(cloud, root, [("Latest", "01")])["x-ms-error-code"] == "InvalidBlockList")
        }
    }

    @Test("ids of one blob have one length, are base64, and blocks are not empty")
    func rules() async throws {
        try await Emulated.with { cloud async throws in
            let root = try cloud.container()
            _ = try Self.block(cloud, root, "01", "a")
            #expect(try Self.block(cloud, root, "0002", "a")["x-ms-error-code"] == "InvalidBlobOrBlock")
            #expect(try Self.block(cloud, root, "03", "")["x-ms-error-code"] == "InvalidHeaderValue")
            let bad = try cloud.request("PUT", Emulated.url(root, "x", "comp=block&blockid=%2A%2A"), [], [1])
            #expect(bad["x-ms-error-code"] == "InvalidQueryParameterValue")
            let none = try cloud.request("PUT", Emulated.url(root, "x", "comp=block"), [], [1])
            #expect(none.element("QueryParameterName") == "blockid")
        }
    }

    @Test(
        "a document that is no block list is refused",
        arguments: ["", "<BlockList>", "<Blocks></Blocks>", "<BlockList><Last>MDE=</Last></BlockList>", "<BlockList/>x"])
    func malformed(document: String) async throws {
        try await Emulated.with { cloud async throws in
            let reply = try cloud.request("PUT", Emulated.url(cloud.container(), "x", "comp=blocklist"), [], Array(document.utf8))
            #expect(reply.status == 400)
            #expect(reply["x-ms-error-code"] == "InvalidXmlDocument")
        }
    }

    @Test("the MD5 of a blob made of blocks is the one its writer stored, unverified; that of the document is verified")
    func digests() async throws {
        try await Emulated.with { cloud async throws in
            let root = try cloud.container()
            _ = try Self.block(cloud, root, "01", "a")
            #expect(
                try Self.commit(cloud, root, [("Latest", "01")], [("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")])["x-ms-error-code"]
                    == "Md5Mismatch")
            #expect(try Self.commit(cloud, root, [("Latest", "01")]).status == 201)
            #expect(try cloud.request("HEAD", Emulated.url(root, "x"))["Content-MD5"] == nil)
            _ = try Self.commit(cloud, root, [("Latest", "01")], [("x-ms-blob-content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")])
            #expect(try cloud.request("HEAD", Emulated.url(root, "x"))["Content-MD5"] == "AAAAAAAAAAAAAAAAAAAAAA==")
        }
    }
}
