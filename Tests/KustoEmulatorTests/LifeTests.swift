import Glibc
import KustoEmulator
import Testing

@Suite struct LifeTests {
    @Test("over TLS everything works alike, and the URLs given out are https only")
    func tls() async throws {
        try await TestCertificate.with { files async throws in
            try await Emulated.with({ $0.tls = .init(certificate: files.certificate, key: files.key) }) { cloud async throws in
                #expect(cloud.emulator.ingestURI.hasPrefix("https://"))
                let container = try cloud.container()
                #expect(container.hasPrefix("https://") && container.contains("spr=https&"))
                let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                #expect(try cloud.put(Emulated.url(container, "big"), bytes).status == 201)
                #expect(try cloud.request("GET", Emulated.url(container, "big")).body == bytes)
                try await cloud.ingest(Array("1,2\n".utf8), name: "x.csv")
                #expect(cloud.emulator.rowCount("db", "T") == 1)
            }
        }
    }

    @Test("a key that does not fit the certificate keeps the emulator from starting")
    func badTLS() async throws {
        var configuration = EmulatorConfiguration()
        configuration.tls = .init(certificate: "/nonexistent.pem", key: "/nonexistent.pem")
        await #expect(throws: (any Error).self) { _ = try await Emulator.start(configuration) }
    }

    @Test("a connection serves one request after the other, also when they come at once")
    func pipelining() async throws {
        try await Emulated.with { cloud async throws in
            let connection = try TestConnection(port: cloud.emulator.port)
            let one = "GET /v1/rest/auth/metadata HTTP/1.1\r\nHost: a\r\n\r\n"
            try connection.write(Array((one + one + one).utf8))
            for _ in 0..<3 { #expect(try connection.reply().status == 200) }
            #expect(try connection.request("GET", "/nowhere").status == 404)
        }
    }

    @Test("with a state folder rows, blobs, messages, signatures and identity tokens outlive a stop")
    func state() async throws {
        var template = Array("/tmp/kusto-emulator-tests.XXXXXX".utf8CString)
        let made = mkdtemp(&template)
        try #require(made != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for name in ["tables.sqlite", "storage.log"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        try await Emulated.with({ $0.stateDirectory = folder }) { cloud async throws in
            try await cloud.ingest(Array("1,a\n".utf8), name: "x.csv", properties: ["tags": #"["ingest-by:t"]"#])
            cloud.emulator.pauseIngestion()
            let blob = Emulated.url(try cloud.container(), "late.csv")
            try cloud.put(blob, Array("2,b\n".utf8))
            try cloud.post(try cloud.message(id: "late", blob: blob, size: 4))
        }
        try await Emulated.with({ $0.stateDirectory = folder }) { cloud async throws in
            try await cloud.emulator.waitForRows(2, "db", "T")
            #expect(try cloud.emulator.rows("db", "T").map(\.texts) == [["1", "a"], ["2", "b"]])
            #expect(cloud.emulator.blobs.map(\.name) == ["late.csv", "x.csv"])
            #expect(cloud.emulator.waitingNotifications.count == 2)
            #expect(try await cloud.ingest(Array("1\n".utf8), name: "y.csv", properties: ["ingestIfNotExists": #"["t"]"#]).isSkipped)
        }
    }

    @Test("the request log keeps the latest and no secrets")
    func requestLog() async throws {
        try await Emulated.with({ $0.requestLogLimit = 2 }) { cloud async throws in
            try cloud.put(Emulated.url(cloud.container(), "x"), [1])
            try cloud.put(Emulated.url(cloud.container(), "y"), [1, 2])
            let entries = cloud.emulator.requests.entries
            #expect(entries.map(\.endpoint) == [.managementResources, .blobPut])
            #expect(entries.last?.bodyBytes == 2)
            #expect(entries.last?.path.contains("?") == false)
        }
    }
}
