import KustoEmulator
import Testing

@Suite struct IngestorTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        var testDescription: String { code }
        let code: String
        var bytes: [UInt8] = Array("1,a\n".utf8)
        var name = "x.csv"
        var properties: [String: JSON] = [:]
        var top: [String: JSON] = [:]
    }

    static let failures = [
        Bad(code: "BadRequest_EmptyBlob", bytes: []),
        Bad(code: "BadRequest_EmptyBlob", bytes: gzip([]), name: "x.csv.gz"),
        Bad(code: "Stream_WrongNumberOfFields", bytes: Array("1,a\n2\n".utf8)),
        Bad(code: "Stream_ClosingQuoteMissing", bytes: Array("1,\"a\n".utf8)),
        Bad(code: "BadRequest_InvalidBlob", bytes: Array("[{\"a\":1},".utf8), name: "x.multijson"),
        Bad(code: "BadRequest_InvalidBlob", bytes: Array("1,a\n".utf8), name: "x.csv.gz"),
        Bad(code: "BadRequest_InvalidBlob", bytes: Array(gzip(Array("1,a\n".utf8)).dropLast(9)), name: "x.csv.gz"),
        Bad(code: "BadRequest_UnexpectedCharacterInInputStream", bytes: gzip(Array("1,a\n".utf8)), name: "x.csv"),
        Bad(code: "BadRequest_NoRecordsOrWrongFormat", bytes: Array("no json\n".utf8), name: "x.json"),
        Bad(code: "BadRequest_FormatNotSupported", properties: ["format": "xml"]),
        Bad(code: "BadRequest_FormatNotSupported", properties: ["format": "parquet"]),
        Bad(code: "BadRequest_InvalidKustoIdentityToken", properties: ["authorizationContext": "made up"]),
        Bad(code: "BadRequest_DatabaseNotExist", top: ["DatabaseName": "elsewhere"]),
        Bad(code: "BadRequest_TableNotExist", top: ["TableName": "Unknown"]),
        Bad(code: "BadRequest_EmptyDatabaseName", top: ["DatabaseName": ""]),
        Bad(code: "BadRequest_InvalidOrEmptyTableName", top: ["TableName": ""]),
        Bad(code: "BadRequest_EmptyBlobUri", top: ["BlobPath": ""]),
        Bad(code: "BadRequest_InvalidBlobUri", top: ["BlobPath": "nonsense"]),
        Bad(code: "Download_AccountNotFound", top: ["BlobPath": "http://127.0.0.1/nobody/c/x.csv?sv=a&sig=b"]),
        Bad(code: "Download_Forbidden", top: ["BlobPath": "http://127.0.0.1/account1/c/x.csv"]),
        Bad(code: "Download_Forbidden", top: ["BlobPath": "http://127.0.0.1/account1/c/x.csv?sv=2020-02-10&sr=c&sp=r&se=2099-01-01&sig=b"]),
        Bad(code: "BadRequest_CorruptedMessage", top: ["Id": ""]),
        Bad(code: "BadRequest_CorruptedMessage", top: ["ReportLevel": "Everything"]),
        Bad(code: "BadRequest_MalformedIngestionProperty", properties: ["tags": "not an array"]),
    ]

    @Test("each failure has the service's code, in a notification with the service's fields", arguments: failures)
    func failure(bad: Bad) async throws {
        try await Emulated.with({
            $0.databases = ["db"]
            $0.strictTables = true
            $0.tables = [TableDefinition(database: "db", table: "T", columns: [.init("a"), .init("b")])]
        }) { cloud async throws in
            let outcome = try await cloud.ingest(bad.bytes, name: bad.name, properties: bad.properties, level: 0, top: bad.top)
            #expect(outcome.errorCode == bad.code)
            #expect(cloud.emulator.totalRows == 0)
            let notification = try #require(cloud.emulator.waitingNotifications.first)
            #expect(notification.isFailure)
            #expect(
                notification.json?.members?.map(\.name) == [
                    "OperationId", "Database", "Table", "FailedOn", "IngestionSourceId", "IngestionSourcePath", "Details", "ErrorCode",
                    "FailureStatus", "RootActivityId", "OriginatesFromUpdatePolicy", "ShouldRetry",
                ])
            #expect(notification.json?["ErrorCode"]?.text == bad.code)
            #expect(notification.json?["IngestionSourcePath"]?.text?.contains("sig=") == false)
        }
    }

    @Test("a message that is not base64 or not JSON is reported as corrupted", arguments: ["{}", "YQ==", "W10="])
    func corrupted(text: String) async throws {
        try await Emulated.with { cloud async throws in
            try cloud.post(text, to: cloud.ingestionQueue())
            try await cloud.emulator.waitForOutcomes(1)
            #expect(cloud.emulator.outcomes.map(\.errorCode) == ["BadRequest_CorruptedMessage"])
        }
    }

    @Test(
        "the report level, as a number or a name, decides who is told",
        arguments: [
            (0, false, 0), (0, true, 1), (1, true, 0), (2, false, 1), ("FailuresOnly", true, 1), ("None", true, 0),
            ("FailuresAndSuccesses", false, 1), (nil, false, 0), (nil, true, 1),
        ] as [(JSON, Bool, Int)])
    func reportLevels(level: JSON, fails: Bool, count: Int) async throws {
        try await Emulated.with { cloud async throws in
            try await cloud.ingest(fails ? [] : Array("1\n".utf8), name: "x.csv", level: level)
            try await cloud.emulator.wait { $0.outcomeCount == 1 }
            #expect(cloud.emulator.waitingNotifications.count == count)
            #expect(cloud.emulator.waitingNotifications.allSatisfy { $0.isFailure == fails })
        }
    }

    @Test("a success has the service's fields")
    func success() async throws {
        try await Emulated.with { cloud async throws in
            let outcome = try await cloud.ingest(Array("1\n".utf8), name: "x.csv")
            let json = try #require(cloud.emulator.waitingNotifications.first?.json)
            #expect(
                json.members?.map(\.name) == [
                    "OperationId", "Database", "Table", "IngestionSourceId", "IngestionSourcePath", "RootActivityId", "SucceededOn",
                ])
            #expect(json["IngestionSourceId"]?.text == outcome.sourceID)
            #expect(json["Table"]?.text == "T")
        }
    }

    @Test("field names of the message are matched without regard to case")
    func fieldCase() async throws {
        try await Emulated.with { cloud async throws in
            let blob = Emulated.url(try cloud.container(), "x.csv")
            try cloud.put(blob, Array("1\n".utf8))
            let message: JSON = [
                "id": "11111111-1111-4111-8111-111111111111", "blobPath": .string(blob), "databaseName": "db", "tableName": "T",
                "retainBlobOnSuccess": true, "additionalProperties": ["authorizationContext": .string(try cloud.identityToken())],
            ]
            try cloud.post(message)
            try await cloud.emulator.waitForRows(1, "db", "T")
        }
    }

    @Test("the same blob twice in one batch is ingested once, and the second copy is told so")
    func duplicate() async throws {
        try await Emulated.with({ $0.startsPaused = true }) { cloud async throws in
            let blob = Emulated.url(try cloud.container(), "x.csv")
            try cloud.put(blob, Array("1\n".utf8))
            let context = try cloud.identityToken()
            for _ in 0..<2 { try cloud.post(try cloud.message(id: "a", blob: blob, size: 2, context: context)) }
            #expect(cloud.emulator.waitingMessageCount == 2)
            cloud.emulator.resumeIngestion()
            try await cloud.emulator.waitForOutcomes(2)
            #expect(cloud.emulator.outcomes.map(\.errorCode) == [nil, "BlobAlreadyReceived_BlobAlreadyFoundInBatch"])
            #expect(cloud.emulator.rowCount("db", "T") == 1)
        }
    }

    @Test("the same blob in two batches is ingested twice, unless a tag keeps it out")
    func tags() async throws {
        try await Emulated.with { cloud async throws in
            try await cloud.ingest(Array("1\n".utf8), name: "x.csv")
            try await cloud.ingest(Array("1\n".utf8), name: "x.csv")
            #expect(cloud.emulator.rowCount("db", "T") == 2)
            let properties: [String: JSON] = ["tags": #"["ingest-by:f1","other"]"#, "ingestIfNotExists": #"["f1"]"#]
            #expect(try await cloud.ingest(Array("1\n".utf8), name: "y.csv", properties: properties).isSkipped == false)
            let second = try await cloud.ingest(Array("1\n".utf8), name: "y.csv", properties: properties)
            #expect(second.isSkipped)
            #expect(second.errorCode == nil)
            #expect(cloud.emulator.rowCount("db", "T") == 3)
        }
    }

    @Test("a stale identity token, an expired signature and a missing blob are told apart")
    func late() async throws {
        try await Emulated.with({ $0.startsPaused = true }) { cloud async throws in
            func post(_ table: String) throws {
                let blob = Emulated.url(try cloud.container(), "\(table).csv")
                try cloud.put(blob, Array("1\n".utf8))
                try cloud.post(try cloud.message(id: table, blob: blob, size: 2, table: table))
            }
            try post("A")
            cloud.emulator.revokeIdentityTokens()
            try post("B")
            cloud.emulator.expireSignatures()
            try post("C")
            #expect(cloud.emulator.deleteBlob(account: "account1", container: "20260101-ingestdata-0", name: "C.csv"))
            cloud.emulator.resumeIngestion()
            try await cloud.emulator.waitForOutcomes(3)
            let codes = Dictionary(uniqueKeysWithValues: cloud.emulator.outcomes.map { ($0.table, $0.errorCode) })
            #expect(codes == ["A": "BadRequest_InvalidKustoIdentityToken", "B": "Download_Forbidden", "C": "Download_SourceNotFound"])
        }
    }

    @Test("a blob is removed after success unless it is to be kept")
    func retention() async throws {
        try await Emulated.with { cloud async throws in
            try await cloud.ingest(Array("1\n".utf8), name: "kept.csv")
            try await cloud.ingest(Array("1\n".utf8), name: "gone.csv", top: ["RetainBlobOnSuccess": false])
            try await cloud.ingest([], name: "failed.csv", top: ["RetainBlobOnSuccess": false])
            #expect(cloud.emulator.blobs.map(\.name) == ["failed.csv", "kept.csv"])
        }
    }

    @Test("a forced failure is given so many times, and may be followed by the service's own success")
    func forced() async throws {
        try await Emulated.with { cloud async throws in
            cloud.emulator.forceFailure(
                ForcedFailure(table: "T", code: "General_ThrottledIngestion", failureStatus: "Exhausted", shouldRetry: true, times: 1))
            #expect(try await cloud.ingest(Array("1\n".utf8), name: "a.csv").errorCode == "General_ThrottledIngestion")
            let notification = try #require(cloud.emulator.waitingNotifications.first?.json)
            #expect(notification["FailureStatus"]?.text == "Exhausted")
            #expect(notification["ShouldRetry"] == true)
            #expect(try await cloud.ingest(Array("1\n".utf8), name: "a.csv").errorCode == nil)
            cloud.emulator.forceFailure(
                ForcedFailure(table: "T", code: "Download_UnknownError", failureStatus: "Transient", times: 1, thenSucceeds: true))
            try await cloud.ingest(Array("1\n".utf8), name: "b.csv")
            try await cloud.emulator.waitForOutcomes(4)
            #expect(cloud.emulator.outcomes.suffix(2).map(\.errorCode) == ["Download_UnknownError", nil])
            #expect(cloud.emulator.rowCount("db", "T") == 2)
        }
    }

    @Test("notifications that are held back come when they are let go, and foreign ones can be put in")
    func held() async throws {
        try await Emulated.with { cloud async throws in
            cloud.emulator.holdNotifications()
            try await cloud.ingest(Array("1\n".utf8), name: "x.csv")
            #expect(cloud.emulator.waitingNotifications.isEmpty)
            cloud.emulator.releaseNotifications()
            try await cloud.emulator.wait { $0.waitingNotifications.count == 1 }
            cloud.emulator.injectNotification(["IngestionSourceId": "foreign"], isFailure: true)
            #expect(cloud.emulator.waitingNotifications.filter(\.isFailure).map { $0.json?["IngestionSourceId"] } == ["foreign"])
        }
    }

    @Test("one bad source does not spoil its batch, and a thousand small ones land")
    func batch() async throws {
        try await Emulated.with({ $0.startsPaused = true }) { cloud async throws in
            let context = try cloud.identityToken()
            let container = try cloud.container()
            let queue = try cloud.ingestionQueue()
            let connection = try TestConnection(port: cloud.emulator.port)
            for number in 0..<1000 {
                let blob = Emulated.url(container, "\(number).csv")
                let target = "/" + blob.split(separator: "/", maxSplits: 2)[2]
                let text = number == 500 ? "\"" : "\(number)\n"
                #expect(try connection.request("PUT", String(target), [("x-ms-blob-type", "BlockBlob")], Array(text.utf8)).status == 201)
                let message = try cloud.message(id: "s\(number)", blob: blob, size: text.utf8.count, context: context)
                let body = "<QueueMessage><MessageText>\(Digests.base64(message.encodedBytes))</MessageText></QueueMessage>"
                let post = "/" + Emulated.url(queue, "messages").split(separator: "/", maxSplits: 2)[2]
                #expect(try connection.request("POST", String(post), [], Array(body.utf8)).status == 201)
            }
            cloud.emulator.resumeIngestion()
            try await cloud.emulator.waitForOutcomes(1000)
            #expect(cloud.emulator.rowCount("db", "T") == 999)
            #expect(cloud.emulator.outcomes.compactMap(\.errorCode) == ["Stream_ClosingQuoteMissing"])
        }
    }

    @Test("a wait that does not come true ends with an error")
    func deadline() async throws {
        try await Emulated.with { cloud async throws in
            await #expect(throws: EmulatorTimeout.self) { try await cloud.emulator.waitForRows(1, "db", "T", deadline: .zero) }
        }
    }
}
