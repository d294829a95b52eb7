import KustoEmulator
import Testing

@Suite struct BlobTests {
    @Test("a blob that was put reads back byte for byte, whole and in part, with its MD5")
    func roundTrip() async throws {
        try await Emulated.with { cloud async throws in
            let url = Emulated.url(try cloud.container(), "d/%C3%A9%20x.csv")
            let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let put = try cloud.put(url, bytes, [("Content-Type", "text/csv"), ("x-ms-meta-origin", "here")])
            #expect(put.status == 201)
            #expect(put["ETag"] != nil)
            let md5 = Digests.base64(bytes.withUnsafeBytes { Digests.md5($0) })
            #expect(put["Content-MD5"] == md5)
            let get = try cloud.request("GET", url)
            #expect(get.body == bytes)
            #expect(get["Content-Type"] == "text/csv")
            #expect(get["x-ms-meta-origin"] == "here")
            let part = try cloud.request("GET", url, [("x-ms-range", "bytes=10-19")])
            #expect(part.status == 206)
            #expect(part.body == Array(bytes[10...19]))
            #expect(part["Content-Range"] == "bytes 10-19/100000")
            let head = try cloud.request("HEAD", url)
            #expect(head["Content-Length"] == "100000")
            #expect(head["Content-MD5"] == md5)
            #expect(head["x-ms-blob-type"] == "BlockBlob")
            #expect(cloud.emulator.blobs.map(\.name) == ["d/é x.csv"])
        }
    }

    @Test(
        "what is wrong with a Put Blob is said in the service's words",
        arguments: [
            ([("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="), ("x-ms-blob-type", "BlockBlob")], 400, "Md5Mismatch"),
            ([("Content-MD5", "nonsense"), ("x-ms-blob-type", "BlockBlob")], 400, "InvalidMd5"),
            ([("x-ms-content-crc64", "iJh5CoYUi64="), ("x-ms-blob-type", "BlockBlob")], 400, "Crc64Mismatch"),
            ([], 400, "MissingRequiredHeader"), ([("x-ms-blob-type", "Blob")], 400, "InvalidHeaderValue"),
            ([("x-ms-blob-type", "BlockBlob"), ("x-ms-meta-1bad", "x")], 400, "InvalidMetadata"),
        ])
    func refused(headers: [(String, String)], status: Int, code: String) async throws {
        try await Emulated.with { cloud async throws in
            let reply = try cloud.request("PUT", Emulated.url(cloud.container(), "x"), headers, [1, 2, 3])
            #expect(reply.status == status)
            #expect(reply["x-ms-error-code"] == code)
            #expect(reply.element("Code") == code)
            #expect(cloud.emulator.blobCount == 0)
        }
    }

    @Test("a body without a length is 411")
    func chunked() async throws {
        try await Emulated.with { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x")
            let headers = [("x-ms-blob-type", "BlockBlob"), ("Transfer-Encoding", "chunked")]
            let reply = try cloud.request("PUT", url, headers, Array("1\r\na\r\n0\r\n\r\n".utf8))
            #expect(reply.status == 411)
            #expect(reply["x-ms-error-code"] == "MissingContentLengthHeader")
        }
    }

    @Test("Expect: 100-continue is answered before the body is sent")
    func expectContinue() async throws {
        try await Emulated.with { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x")
            let target = "/" + url.split(separator: "/", maxSplits: 2)[2]
            let connection = try TestConnection(port: cloud.emulator.port)
            let head = "PUT \(target) HTTP/1.1\r\nHost: a\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
            try connection.write(Array(head.utf8))
            #expect(try connection.reply().status == 100)
            try connection.write([1, 2, 3])
            #expect(try connection.reply().status == 201)
        }
    }

    @Test("If-None-Match: * does not overwrite")
    func onlyNew() async throws {
        try await Emulated.with { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x")
            #expect(try cloud.put(url, [1], [("If-None-Match", "*")]).status == 201)
            let second = try cloud.put(url, [2], [("If-None-Match", "*")])
            #expect(second.status == 409)
            #expect(second["x-ms-error-code"] == "BlobAlreadyExists")
            #expect(try cloud.put(url, [2]).status == 201)
        }
    }

    @Test("the SAS's version decides how large a block may be")
    func limits() async throws {
        try await Emulated.with({ $0.sasVersion = "2015-04-05" }) { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x", "comp=block&blockid=MDE%3D")
            let reply = try cloud.request("PUT", url, [], [UInt8](repeating: 0, count: 4 * 1024 * 1024 + 1))
            #expect(reply.status == 413)
            #expect(reply.element("MaxLimit") == "4194304")
        }
    }

    @Test("a right of deletion deletes, once")
    func deletion() async throws {
        try await Emulated.with({ $0.containerPermissions = "rwd" }) { cloud async throws in
            let url = Emulated.url(try cloud.container(), "x")
            try cloud.put(url, [1])
            #expect(try cloud.request("DELETE", url).status == 202)
            #expect(try cloud.request("DELETE", url)["x-ms-error-code"] == "BlobNotFound")
        }
    }
}
