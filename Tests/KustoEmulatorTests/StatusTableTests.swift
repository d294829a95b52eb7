import KustoEmulator
import Testing

@Suite struct StatusTableTests {
    /// Inserts the entity as a sender does, posts, and gives back what the entity says in the end.
    private func status(
        _ cloud: Emulated, _ bytes: [UInt8], name: String = "x.csv", id: String = "11111111-1111-4111-8111-111111111111", method: JSON = 1,
        level: JSON = 2, properties: [String: JSON] = [:], prepared: Bool = true,
        spelling: [String] = ["TableConnectionString", "PartitionKey", "RowKey"]
    ) async throws -> JSON {
        let table = try TableCalls(cloud)
        if prepared { #expect(try table.insert(id, id, ["Status": "Pending", "Mine": "kept"]).status == 201) }
        let place = Emulated.object([spelling[0]: .string(table.url), spelling[1]: .string(id), spelling[2]: .string(id)])
        try await cloud.ingest(
            bytes, name: name, id: id, properties: properties, level: level, top: ["ReportMethod": method, "IngestionStatusInTable": place])
        let reply = try table.call("GET", table.entityURL(id, id))
        return reply.status == 200 ? try JSON.parse(reply.body) : .null
    }

    @Test("a success is merged into the entity that the sender inserted", arguments: [1, "Table"] as [JSON])
    func success(method: JSON) async throws {
        try await Emulated.with { cloud async throws in
            let entity = try await status(cloud, Array("1\n".utf8), method: method)
            #expect(entity["Status"] == "Succeeded")
            #expect(entity["Mine"] == "kept")
            #expect(entity["OperationId"]?.text?.utf8.count == 36)
            #expect(entity["UpdatedOn"] != nil)
            #expect(entity["ErrorCode"] == nil)
            #expect(entity["IngestionSourcePath"]?.text?.contains("?") == false)
            #expect(cloud.emulator.waitingNotifications.isEmpty)
            #expect(cloud.emulator.statusCounts == (1, 0, 0))
        }
    }

    @Test("a failure has the service's code and text, and with both methods a notification too", arguments: [2, "QueueAndTable"] as [JSON])
    func failure(method: JSON) async throws {
        try await Emulated.with { cloud async throws in
            let entity = try await status(
                cloud, Array("1,2\n3\n".utf8), method: method, spelling: ["tableConnectionString", "partitionKey", "rowKey"])
            #expect(entity["Status"] == "Failed")
            #expect(entity["ErrorCode"] == "Stream_WrongNumberOfFields")
            #expect(entity["FailureStatus"] == "Permanent")
            #expect(entity["Details"]?.text?.isEmpty == false)
            #expect(cloud.emulator.waitingNotifications.map(\.isFailure) == [true])
        }
    }

    @Test(
        "the report level decides what is written",
        arguments: [(0, false, "Pending"), (0, true, "Failed"), (1, true, "Pending"), (1, false, "Pending"), (2, false, "Succeeded")]
            as [(JSON, Bool, JSON)])
    func levels(level: JSON, fails: Bool, status wanted: JSON) async throws {
        try await Emulated.with { cloud async throws in
            #expect(try await status(cloud, fails ? [] : Array("1\n".utf8), level: level)["Status"] == wanted)
        }
    }

    @Test("with the queue as method nothing is written, and a message that names no table is no error")
    func otherMethods() async throws {
        try await Emulated.with { cloud async throws in
            #expect(try await status(cloud, Array("1\n".utf8), method: 0)["Status"] == "Pending")
            try await cloud.ingest(Array("1\n".utf8), name: "y.csv", top: ["ReportMethod": 1])
            #expect(cloud.emulator.statusCounts == (0, 0, 0))
        }
    }

    @Test("a status without an entity is counted, and one whose signature has died is lost")
    func unprepared() async throws {
        try await Emulated.with { cloud async throws in
            #expect(try await status(cloud, Array("1\n".utf8), prepared: false)["Status"] == "Succeeded")
            #expect(cloud.emulator.statusCounts == (1, 0, 1))
            cloud.emulator.pauseIngestion()
            let table = try TableCalls(cloud)
            try table.insert("late", "late", ["Status": "Pending"])
            let blob = Emulated.url(try cloud.container(), "late.csv")
            try cloud.put(blob, Array("1\n".utf8))
            let place: JSON = ["TableConnectionString": .string(table.url), "PartitionKey": "late", "RowKey": "late"]
            try cloud.post(try cloud.message(id: "late", blob: blob, size: 2, top: ["ReportMethod": 1, "IngestionStatusInTable": place]))
            cloud.emulator.expireSignatures()
            cloud.emulator.resumeIngestion()
            try await cloud.emulator.waitForOutcomes(2)
            #expect(cloud.emulator.statusCounts == (1, 1, 1))
            #expect(try TableCalls(cloud).get("late", "late")["Status"] == "Pending")
        }
    }

    @Test(
        "a source that was kept out is reported in the way that was chosen",
        arguments: [
            (EmulatorConfiguration.SkipReport.succeeded, "Succeeded", 2), (.skipped, "Skipped", 2), (.silent, "Skipped", 1),
        ] as [(EmulatorConfiguration.SkipReport, JSON, Int)])
    func skipped(report: EmulatorConfiguration.SkipReport, wanted: JSON, notifications: Int) async throws {
        try await Emulated.with({ $0.skipReport = report }) { cloud async throws in
            let tags: [String: JSON] = ["tags": #"["ingest-by:t"]"#, "ingestIfNotExists": #"["t"]"#]
            #expect(try await status(cloud, Array("1\n".utf8), id: "a", method: 2, properties: tags)["Status"] == "Succeeded")
            #expect(try await status(cloud, Array("1\n".utf8), id: "b", method: 2, properties: tags)["Status"] == wanted)
            #expect(cloud.emulator.waitingNotifications.count == notifications)
            #expect(cloud.emulator.rowCount("db", "T") == 1)
        }
    }

    @Test("a forced failure may be a partial success or give way to the service's own success")
    func forced() async throws {
        try await Emulated.with { cloud async throws in
            cloud.emulator.forceFailure(
                ForcedFailure(table: "T", code: "UpdatePolicy_UnknownError", times: 1, status: "PartiallySucceeded"))
            #expect(try await status(cloud, Array("1\n".utf8), id: "a")["Status"] == "PartiallySucceeded")
            #expect(cloud.emulator.rowCount("db", "T") == 1)
            cloud.emulator.forceFailure(
                ForcedFailure(table: "T", code: "Download_UnknownError", failureStatus: "Transient", times: 1, thenSucceeds: true))
            _ = try await status(cloud, Array("1\n".utf8), id: "b")
            try await cloud.emulator.waitForOutcomes(3)
            let entity = try TableCalls(cloud).get("b", "b")
            #expect(entity["Status"] == "Succeeded")
            // A merge takes nothing away: what an earlier status said of a failure is still there.
            #expect(entity["FailureStatus"] == "Transient")
        }
    }

    @Test("the second copy of a blob in one batch leaves the first one's status alone")
    func copies() async throws {
        try await Emulated.with({ $0.startsPaused = true }) { cloud async throws in
            let table = try TableCalls(cloud)
            try table.insert("a", "a", ["Status": "Pending"])
            let blob = Emulated.url(try cloud.container(), "x.csv")
            try cloud.put(blob, Array("1\n".utf8))
            let place: JSON = ["TableConnectionString": .string(table.url), "PartitionKey": "a", "RowKey": "a"]
            let context = try cloud.identityToken()
            for _ in 0..<2 {
                try cloud.post(
                    try cloud.message(
                        id: "a", blob: blob, size: 2, top: ["ReportMethod": 1, "IngestionStatusInTable": place], context: context))
            }
            cloud.emulator.resumeIngestion()
            try await cloud.emulator.waitForOutcomes(2)
            #expect(try table.get("a", "a")["Status"] == "Succeeded")
        }
    }
}
