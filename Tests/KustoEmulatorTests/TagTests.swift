import KustoEmulator
import Testing

@Suite struct TagTests {
    private static let tagged: [String: JSON] = ["tags": #"["ingest-by:f1","other"]"#, "ingestIfNotExists": #"["f1"]"#]

    /// Posts copies of one source, the way a sender does that does not know whether its first post arrived, and lets them be ingested in one window.
    private func copies(_ count: Int, of name: String, _ cloud: Emulated, _ properties: [String: JSON] = tagged, size: Int? = 2)
        async throws
    {
        let before = cloud.emulator.outcomeCount
        cloud.emulator.pauseIngestion()
        let blob = Emulated.url(try cloud.container(), name)
        try cloud.put(blob, Array("1\n".utf8))
        let context = try cloud.identityToken()
        for _ in 0..<count { try cloud.post(try cloud.message(id: name, blob: blob, size: size, properties: properties, context: context)) }
        cloud.emulator.resumeIngestion()
        try await cloud.emulator.waitForOutcomes(before + count)
    }

    @Test("of two copies in one window both land or one, as the race goes, and it is counted", arguments: [(0.0, 1), (100, 2)])
    func race(percent: Double, rows: Int) async throws {
        try await Emulated.with({ $0.tagRacePercent = percent }) { cloud async throws in
            try await copies(2, of: "x.csv", cloud)
            #expect(cloud.emulator.rowCount("db", "T") == rows)
            #expect(cloud.emulator.tagRaces == rows - 1)
            #expect(cloud.emulator.outcomes.map(\.isSkipped) == [false, rows == 1])
            #expect(cloud.emulator.outcomes.allSatisfy { $0.errorCode == nil })
        }
    }

    @Test("what was committed before the window is always seen")
    func committed() async throws {
        try await Emulated.with({ $0.tagRacePercent = 100 }) { cloud async throws in
            try await copies(1, of: "x.csv", cloud)
            try await copies(2, of: "x.csv", cloud)
            #expect(cloud.emulator.rowCount("db", "T") == 1)
            #expect(cloud.emulator.tagRaces == 0)
        }
    }

    @Test("by default the race goes either way, and the same way with the same seed")
    func seeded() async throws {
        var runs: [[Bool]] = []
        for _ in 0..<2 {
            try await Emulated.with({ $0.seed = 7 }) { cloud async throws in
                for number in 0..<12 {
                    let properties: [String: JSON] = [
                        "tags": .string("[\"ingest-by:f\(number)\"]"), "ingestIfNotExists": .string("[\"f\(number)\"]"),
                    ]
                    try await copies(2, of: "\(number).csv", cloud, properties)
                }
                runs.append(cloud.emulator.outcomes.map(\.isSkipped))
            }
        }
        #expect(runs[0] == runs[1])
        #expect(Set(runs[0].enumerated().filter { $0.offset % 2 == 1 }.map(\.element)) == [true, false])
    }

    @Test(
        "a source with such a tag, or of unknown size, is ingested alone, so that its copy is not found in the batch",
        arguments: [
            (["tags": #"["ingest-by:f1"]"#], 2, true), (["ingestIfNotExists": #"["f1"]"#], 2, true), ([:], nil, true),
            (["tags": #"["drop-by:f1"]"#], 2, false),
        ] as [([String: JSON], Int?, Bool)])
    func alone(properties: [String: JSON], size: Int?, alone: Bool) async throws {
        try await Emulated.with { cloud async throws in
            try await copies(2, of: "x.csv", cloud, properties, size: size)
            #expect(cloud.emulator.outcomes.map(\.errorCode) == [nil, alone ? nil : "BlobAlreadyReceived_BlobAlreadyFoundInBatch"])
            #expect(cloud.emulator.rowCount("db", "T") == (alone ? 2 : 1))
        }
    }

    @Test("the race and the report can be set while the emulator runs, and a setting that there is not is refused")
    func settings() async throws {
        try await Emulated.with { cloud async throws in
            func set(_ text: String) throws -> Int { try cloud.request("POST", "/__emulator/settings", [], Array(text.utf8)).status }
            #expect(try set(#"{"tagRacePercent": 100, "skipReport": "silent", "batchingDelay": "1ms"}"#) == 204)
            try await copies(2, of: "x.csv", cloud)
            #expect(cloud.emulator.rowCount("db", "T") == 2)
            #expect(cloud.emulator.waitingNotifications.count == 2)
            try await copies(1, of: "y.csv", cloud)
            #expect(cloud.emulator.waitingNotifications.count == 2)
            for text in [#"{"tagRacePercent": 101}"#, #"{"nothing": 1}"#, #"{"skipReport": "x"}"#, #"{"latency": "soon"}"#, "[]"] {
                #expect(try set(text) == 400)
            }
        }
    }
}
