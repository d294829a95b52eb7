import KustoEmulator
import Testing

@Suite struct MappingTests {
    @Test(
        "a CSV mapping is read in every spelling",
        arguments: [
            #"[{"Column":"b","DataType":"long","Properties":{"Ordinal":"1"}},{"Column":"k","Properties":{"ConstValue":"c"}}]"#,
            #"[{"column":"b","datatype":"int64","properties":{"ordinal":1}},{"column":"k","properties":{"constValue":"c"}}]"#,
            #"[{"columnName":"b","columnType":"long","properties":{"Ordinal":"1"}},{"columnName":"k","properties":{"ConstValue":"c"}}]"#,
            #"[{"Name":"b","DataType":"long","Ordinal":"1"},{"Name":"k","ConstValue":"c"}]"#,
        ])
    func csv(mapping: String) async throws {
        try await Emulated.with { cloud async throws in
            let properties: [String: JSON] = ["ingestionMapping": .string(mapping), "ingestionMappingType": "Csv"]
            #expect(try await cloud.ingest(Array("x,7\n".utf8), name: "x.csv", properties: properties).errorCode == nil)
            let row = try #require(try cloud.emulator.rows("db", "T").first)
            #expect(row["b"] == "7")
            #expect(row["k"] == "c")
        }
    }

    @Test("a JSON mapping follows its paths, and a reference finds the mapping of that name")
    func json() async throws {
        let definition = """
            [{"column":"deep","path":"$.a.b[1]"},{"column":"odd","Properties":{"Path":"$['x y']"}},{"column":"all","datatype":"dynamic","path":"$"},
            {"column":"when","datatype":"datetime","Properties":{"Path":"$.t","Transform":"DateTimeFromUnixSeconds"}},
            {"column":"from","Properties":{"Transform":"SourceLocation"}},{"column":"line","datatype":"long","Properties":{"Transform":"SourceLineNumber"}}]
            """
        let mapping = MappingDefinition(name: "m", kind: "Json", definition: definition)
        try await Emulated.with({ $0.mappings = [mapping] }) { cloud async throws in
            let text = #"{"a":{"b":[1,"two"]},"x y":true,"t":0}"#
            let properties: [String: JSON] = ["ingestionMappingReference": "m", "ingestionMappingType": "Json"]
            #expect(try await cloud.ingest(Array(text.utf8), name: "x.json", properties: properties).errorCode == nil)
            let row = try #require(try cloud.emulator.rows("db", "T").first)
            #expect(row["deep"] == "two")
            #expect(row["odd"] == "true")
            #expect(row["all"] == text)
            #expect(row["when"] == "1970-01-01T00:00:00.0000000Z")
            #expect(row["from"]?.hasSuffix("/x.json") == true)
            #expect(row["line"] == "1")
        }
    }

    @Test(
        "a mapping that cannot be used fails the source with the service's code",
        arguments: [
            (["ingestionMappingReference": "other"], "BadRequest_MappingReferenceWasNotFound"),
            (["ingestionMappingReference": ""], "BadRequest_EmptyMappingReference"),
            (["ingestionMappingReference": "m", "ingestionMappingType": "Csv"], "BadRequest_MappingReferenceWasNotFound"),
            (["ingestionMapping": "nonsense"], "BadRequest_InvalidMapping"),
            (["ingestionMapping": "[]", "ingestionMappingType": "Csv"], "BadRequest_InvalidMapping"),
            (["ingestionMapping": "[]", "ingestionMappingType": "json"], "BadRequest_InvalidMapping"),
            (["ingestionMapping": "[]", "ingestionMappingReference": "m"], "BadRequest_DuplicateMapping"),
            ([:], "BadRequest_MissingMappingtFailure"),
        ] as [([String: JSON], String)])
    func refused(properties: [String: JSON], code: String) async throws {
        let mapping = MappingDefinition(name: "m", kind: "Json", definition: #"[{"column":"a","path":"$.a"}]"#)
        try await Emulated.with({
            $0.mappings = [mapping]
            $0.requiresJSONMapping = true
        }) { cloud async throws in
            #expect(try await cloud.ingest(Array(#"{"a":1}"#.utf8), name: "x.json", properties: properties).errorCode == code)
        }
    }
}
