import KustoEmulator
import Testing

/// `.show ingestion failures` on the engine.
@Suite struct IngestionFailureTests {
    private struct Shown {
        let columns: [String]
        let rows: [[String: JSON]]
    }

    private func show(_ cloud: Emulated, _ rest: String = "", onEngine: Bool = true) throws -> Shown {
        let reply = try cloud.manage(".show ingestion failures\(rest)", onEngine: onEngine)
        try #require(reply.status == 200, "\(reply.text)")
        let table = try #require(try JSON.parse(reply.body)["Tables"]?.elements?.first)
        let columns = (table["Columns"]?.elements ?? []).compactMap { $0["ColumnName"]?.text }
        let rows = (table["Rows"]?.elements ?? []).map { Dictionary(uniqueKeysWithValues: zip(columns, $0.elements ?? [])) }
        return Shown(columns: columns, rows: rows)
    }

    @Test("a failure is there with the service's columns, whatever became of its notification")
    func shown() async throws {
        try await Emulated.with({ $0.notificationFaults = [NotificationRule(action: .lose)] }) { cloud async throws in
            try await cloud.ingest(Array("1\n".utf8), name: "good.csv", id: "good")
            try await cloud.ingest(Array("1,2\n3\n".utf8), name: "bad.csv", id: "bad", properties: ["format": "csv"])
            try await cloud.ingest([], name: "unreported.csv", id: "unreported", level: 1)
            #expect(cloud.emulator.waitingNotifications.isEmpty)
            let shown = try show(cloud)
            #expect(
                shown.columns == [
                    "OperationId", "Database", "Table", "FailedOn", "IngestionSourcePath", "Details", "FailureKind", "RootActivityId",
                    "OperationKind", "OriginatesFromUpdatePolicy", "ErrorCode", "Principal", "ShouldRetry", "User", "IngestionProperties",
                ])
            #expect(shown.rows.map { $0["ErrorCode"] } == ["Stream_WrongNumberOfFields", "BadRequest_EmptyBlob"])
            let first = try #require(shown.rows.first)
            #expect(first["IngestionSourcePath"]?.text?.hasSuffix("/bad.csv") == true)
            #expect(first["FailureKind"] == "Permanent")
            #expect(first["ShouldRetry"] == false)
            #expect(first["IngestionProperties"]?.text == #"{"format":"csv"}"#)
        }
    }

    @Test("what never reached the engine is not there: silence proves nothing")
    func silence() async throws {
        try await Emulated.with { cloud async throws in
            try await cloud.ingest(Array("1\n".utf8), name: "x.csv", properties: ["authorizationContext": "stale"])
            try cloud.post("not base64", to: cloud.ingestionQueue())
            try await cloud.emulator.waitForOutcomes(2)
            #expect(try show(cloud).rows.isEmpty)
        }
    }

    @Test(
        "the operators behind it choose among the failures",
        arguments: [
            ("| where IngestionSourcePath has 'b1'", ["b1.csv"]),
            ("| where IngestionSourcePath contains \"b\"", ["b1.csv", "b2.csv", "b3.csv"]),
            ("| where IngestionSourcePath endswith '/B2.CSV'", ["b2.csv"]), ("| where IngestionSourcePath has 'b'", []),
            ("| where Table == 'T' and (IngestionSourcePath contains 'b1' or IngestionSourcePath contains 'b3')", ["b1.csv", "b3.csv"]),
            ("| where ErrorCode in ('Other', 'BadRequest_EmptyBlob') | take 2", ["b1.csv", "b2.csv"]),
            ("| where FailedOn > ago(1h)|limit 1", ["b1.csv"]),
            ("| where FailedOn < ago(1d)", []),
            ("\n| where Details != ''\n| where IngestionSourcePath !=  'x' | project IngestionSourcePath", ["b1.csv", "b2.csv", "b3.csv"]),
            ("| where ErrorCode =~ 'badrequest_emptyblob' and ShouldRetry == false | take 1", ["b1.csv"]),
        ])
    func pipeline(rest: String, found: [String]) async throws {
        try await Emulated.with { cloud async throws in
            for number in 1...3 { try await cloud.ingest([], name: "b\(number).csv", id: "b\(number)") }
            let paths = try show(cloud, rest).rows.compactMap { $0["IngestionSourcePath"]?.text }
            #expect(paths.map { String($0.split(separator: "/").last ?? "") } == found)
        }
    }

    @Test("an operation is found by its identifier, in both ways of asking")
    func operation() async throws {
        try await Emulated.with { cloud async throws in
            try await cloud.ingest([], name: "a.csv", id: "a")
            try await cloud.ingest([], name: "b.csv", id: "b")
            let notification = try #require(cloud.emulator.waitingNotifications.first { $0.json?["IngestionSourceId"] == "b" }?.json)
            let operation = try #require(notification["OperationId"]?.text)
            for rest in [
                " with (OperationId = \"\(operation)\")", " | where OperationId == guid(\(operation.uppercased()))",
                "|where OperationId == '\(operation)'",
            ] {
                #expect(try show(cloud, rest).rows.map { $0["IngestionSourcePath"]?.text?.hasSuffix("b.csv") } == [true])
            }
            #expect(try show(cloud, "| count").rows == [["Count": 2]])
        }
    }

    @Test("failures are forgotten after two weeks")
    func forgotten() async throws {
        try await Emulated.with { cloud async throws in
            try await cloud.ingest([], name: "a.csv")
            cloud.emulator.clock.advance(by: .seconds(13 * 86_400))
            #expect(try show(cloud).rows.count == 1)
            cloud.emulator.clock.advance(by: .seconds(2 * 86_400))
            #expect(try show(cloud).rows.isEmpty)
        }
    }

    @Test("only the engine tells, and a query that it does not understand is a syntax error")
    func refused() async throws {
        try await Emulated.with { cloud async throws in
            let wrong = try cloud.manage(".show ingestion failures", onEngine: false)
            #expect(wrong.status == 400)
            #expect(wrong.text.contains("AdminCommandWrongEndpointException"))
            #expect(wrong.text.contains(":\(cloud.emulator.enginePort)"))
            #expect(try cloud.manage(".show ingestion failures", token: "wrong", onEngine: true).status == 401)
            for rest in ["| summarize count()", "| where", "| where Nothing == 'x'", "| where Table == 'x", "| take x", " extra"] {
                #expect(try cloud.manage(".show ingestion failures \(rest)", onEngine: true).status == 400, "\(rest)")
            }
            #expect(cloud.emulator.requests.count(.managementFailures) == 7)
        }
    }
}
