import KustoEmulator
import Testing

@Suite struct SetupTests {
    @Test("a setup file brings databases, tables, mappings and failures")
    func document() async throws {
        let text = """
            {"databases":["db"],"strictTables":true,"tables":[{"database":"db","table":"T","columns":[{"name":"n","type":"long"}]}],
            "mappings":[{"name":"m","kind":"Json","columns":[{"column":"n","path":"$.x"}]}],
            "failures":[{"table":"T","code":"Timeout","failureStatus":"Transient","times":1}]}
            """
        var parsed = EmulatorConfiguration()
        try SetupDocument.apply(text.utf8, to: &parsed)
        let configuration = parsed
        try await Emulated.with({
            let delay = $0.batchingDelay
            $0 = configuration
            $0.batchingDelay = delay
        }) { cloud async throws in
            let properties: [String: JSON] = ["ingestionMappingReference": "m"]
            #expect(try await cloud.ingest(Array(#"{"x":7}"#.utf8), name: "x.json", properties: properties).errorCode == "Timeout")
            #expect(try await cloud.ingest(Array(#"{"x":7}"#.utf8), name: "x.json", properties: properties).errorCode == nil)
            #expect(try cloud.emulator.rows("db", "T").map(\.texts) == [["7"]])
            #expect(try await cloud.ingest(Array("1".utf8), name: "x.csv", table: "Other").errorCode == "BadRequest_TableNotExist")
            let more = #"{"failures":[{"table":"T","code":"Forbidden"}]}"#
            #expect(try cloud.request("POST", "/__emulator/failures", [], Array(more.utf8)).status == 204)
            #expect(try await cloud.ingest(Array("1".utf8), name: "y.csv").errorCode == "Forbidden")
        }
    }

    @Test(
        "a setup that cannot be understood is refused",
        arguments: ["[]", #"{"tables":[{"table":"T"}]}"#, #"{"mappings":[{"name":"m","kind":"Json"}]}"#, #"{"failures":[{"code":"x"}]}"#])
    func malformed(text: String) {
        var configuration = EmulatorConfiguration()
        #expect(throws: (any Error).self) { try SetupDocument.apply(text.utf8, to: &configuration) }
    }

    @Test(
        "the command line's options become a configuration or a complaint",
        arguments: [
            ("rows", "1s", 2, true), ("count", "250ms", 1, true), ("all", "1s", 2, false), ("rows", "soon", 2, false),
            ("none", "1min", 0, false),
        ])
    func options(ingest: String, delay: String, accounts: Int, isValid: Bool) throws {
        let options = EmulatorOptions(
            host: "127.0.0.1", port: 0, enginePort: 0, portFile: nil, stateDirectory: nil, tlsCertificate: nil, tlsKey: nil,
            batchingDelay: delay, ingest: ingest, accounts: accounts, latencyMilliseconds: 0, faultFile: nil, setupFile: nil, seed: 1,
            dropsBlobs: false, isQuiet: true)
        if isValid {
            #expect(try options.resolved().ingestion.rawValue == ingest)
        } else {
            #expect(throws: EmulatorOptions.Invalid.self) { try options.resolved() }
        }
    }
}
