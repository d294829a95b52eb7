import Glibc
import KustoEmulator
import Testing

/// An emulator that is killed and started again on its folder has lost nothing that it acknowledged.
@Suite struct KillTests {
    private static func url(_ root: String, _ name: String, _ parameters: String = "") -> String { Emulated.url(root, name, parameters) }

    private static func message(_ id: String, _ blob: String, _ context: String, status: JSON = .null) -> [UInt8] {
        let json: JSON = [
            "Id": .string(id), "BlobPath": .string("http://127.0.0.1\(blob)"), "RawDataSize": 2, "DatabaseName": "db", "TableName": "T",
            "RetainBlobOnSuccess": true, "ReportLevel": 2, "ReportMethod": status.members == nil ? 0 : 2, "IngestionStatusInTable": status,
            "AdditionalProperties": ["authorizationContext": .string(context), "format": "csv"],
        ]
        return Array("<QueueMessage><MessageText>\(Digests.base64(json.encodedBytes))</MessageText></QueueMessage>".utf8)
    }

    @Test("blobs, blocks, messages with their receipts, entities, tokens and changes of resources are there again")
    func everything() async throws {
        try await TestFolder.with { folder async throws in
            let first = try EmulatorProcess(state: folder.path)
            let (container, queue) = (try first.resource("TempStorage"), try first.resource("SecuredReadyForAggregationQueue"))
            let (failures, table) = (try first.resource("FailedIngestionsQueue"), try first.resource("IngestionsStatusTable"))
            let context = try first.identityToken()
            let blockBlob = [("x-ms-blob-type", "BlockBlob"), ("x-ms-meta-origin", "test")]
            #expect(try first.request("PUT", Self.url(container, "whole.csv"), Array("1\n".utf8), blockBlob).status == 201)
            #expect(
                try first.request("PUT", Self.url(container, "staged.csv", "comp=block&blockid=MDE%3D"), Array("2\n".utf8)).status == 201)
            let text = Array("<QueueMessage><MessageText>x</MessageText></QueueMessage>".utf8)
            #expect(try first.request("POST", Self.url(failures, "messages"), text).status == 201)
            let got = try first.request("GET", Self.url(failures, "messages", "visibilitytimeout=600"))
            let (id, receipt) = (try #require(got.element("MessageId")), try #require(got.element("PopReceipt")))
            let entity: JSON = [
                "PartitionKey": "p", "RowKey": "r", "Id@odata.type": "Edm.Guid", "Id": "aaaaaaaa-0000-4000-8000-000000000000",
            ]
            let inserted = try first.request("POST", table, entity.encodedBytes, [("DataServiceVersion", "3.0")])
            #expect(inserted.status == 201)
            let change =
                #"["pause-ingestion",{"add":{"account":"account3"}},{"remove":{"account":"account2","container":"20260101-ingestdata-0"}}]"#
            #expect(try first.request("POST", "/__emulator/change", Array(change.utf8)).status == 204)
            #expect(
                try first.request("POST", Self.url(queue, "messages"), Self.message("late", Self.url(container, "whole.csv"), context))
                    .status == 201)
            let listed = try first.rows(of: ".get ingestion resources").count
            first.kill()

            let second = try EmulatorProcess(state: folder.path)
            let whole = try second.request("GET", Self.url(container, "whole.csv"))
            #expect(whole.text == "1\n" && whole["x-ms-meta-origin"] == "test" && whole["Content-MD5"] != nil)
            let list = Array("<BlockList><Latest>MDE=</Latest></BlockList>".utf8)
            #expect(try second.request("PUT", Self.url(container, "staged.csv", "comp=blocklist"), list).status == 201)
            // A retry of a commit whose reply was lost resolves its blocks again.
            #expect(try second.request("PUT", Self.url(container, "staged.csv", "comp=blocklist"), list).status == 201)
            #expect(try second.request("GET", Self.url(failures, "messages")).elements("MessageId").isEmpty)
            let receiptText = PercentCoding.encode(receipt)
            #expect(try second.request("DELETE", Self.url(failures, "messages/\(id)", "popreceipt=\(receiptText)")).status == 204)
            let key = table.replacing("?", with: "(PartitionKey='p',RowKey='r')?")
            let again = try second.request("GET", key, nil, [("Accept", "application/json;odata=minimalmetadata")])
            #expect(try JSON.parse(again.body)["Id@odata.type"] == "Edm.Guid")
            #expect(again["ETag"] == inserted["ETag"])
            #expect(try second.rows(of: ".get ingestion resources").count == listed)
            try EmulatorProcess.eventually { try second.count(of: "T") == 1 }
        }
    }

    @Test("killed in the middle of the ingestor's work, it lands every source once and tells of every one")
    func underLoad() async throws {
        try await TestFolder.with { folder async throws in
            var posted: [String] = []
            var random = SystemRandomNumberGenerator()
            for round in 0..<10 {
                let emulator = try EmulatorProcess(state: folder.path)
                let connection = try TestConnection(port: emulator.port)
                let (container, queue) = (try emulator.resource("TempStorage"), try emulator.resource("SecuredReadyForAggregationQueue"))
                let table = try emulator.resource("IngestionsStatusTable")
                let context = try emulator.identityToken()
                // The ingestor gets everything at once, so that the kill finds it at work and not behind it.
                #expect(try connection.request("POST", "/__emulator/ingestion/pause", [], []).status == 204)
                for number in 0..<40 {
                    let id = "s\(round)-\(number)"
                    let blob = Self.url(container, "\(id).csv")
                    let put = try connection.request("PUT", blob, [("x-ms-blob-type", "BlockBlob")], Array("\(id)\n".utf8))
                    #expect(put.status == 201)
                    let place: JSON = [
                        "TableConnectionString": .string("http://127.0.0.1\(table)"), "PartitionKey": .string(id), "RowKey": .string(id),
                    ]
                    let message = Self.message(id, blob, context, status: place)
                    #expect(try connection.request("POST", Self.url(queue, "messages"), [], message).status == 201)
                    posted.append(id)
                }
                #expect(try connection.request("POST", "/__emulator/ingestion/resume", [], []).status == 204)
                for _ in 0..<Int.random(in: 0..<100, using: &random) { _ = try connection.request("GET", "/v1/rest/auth/metadata") }
                emulator.kill()
            }
            let last = try EmulatorProcess(state: folder.path)
            try EmulatorProcess.eventually {
                let stats = try JSON.parse(try last.request("GET", "/__emulator/stats").body)
                return stats["statusTables"]?["account1"]?.integer == posted.count
            }
            let rows = try last.rows(of: "T", path: "/v1/rest/query").compactMap { $0.first?.text }
            #expect(rows.sorted() == posted.sorted())
            let statuses = try last.request(
                "GET", try last.resource("IngestionsStatusTable").replacing("?", with: "()?"), nil, [("DataServiceVersion", "3.0")])
            let values = try JSON.parse(statuses.body)["value"]?.elements ?? []
            #expect(values.compactMap { $0["RowKey"]?.text } == posted.sorted())
            #expect(values.allSatisfy { $0["Status"] == "Succeeded" })
            var told: Set<String> = []
            let successes = try last.resource("SuccessfulIngestionsQueue")
            while true {
                let page = try last.request("GET", Self.url(successes, "messages", "numofmessages=32")).elements("MessageText")
                guard !page.isEmpty else { break }
                for text in page { told.insert(JSON(parsing: Digests.bytes(base64: text) ?? [])?["IngestionSourceId"]?.text ?? "") }
            }
            #expect(told == Set(posted))
        }
    }

    @Test("what rules keep back when it is killed comes when it is back, and a torn end of the log is passed over")
    func keptBack() async throws {
        try await TestFolder.with { folder async throws in
            let first = try EmulatorProcess(state: folder.path, ["--fault", #"{"notification":"any","action":{"delay":3600000}}"#])
            let (container, queue) = (try first.resource("TempStorage"), try first.resource("SecuredReadyForAggregationQueue"))
            let blob = Self.url(container, "x.csv")
            #expect(try first.request("PUT", blob, Array("1\n".utf8), [("x-ms-blob-type", "BlockBlob")]).status == 201)
            #expect(
                try first.request("POST", Self.url(queue, "messages"), Self.message("kept", blob, try first.identityToken())).status == 201)
            try EmulatorProcess.eventually {
                try JSON.parse(try first.request("GET", "/__emulator/stats").body)["messages"]?["notificationsDelayed"] == 1
            }
            first.kill()
            let log = open("\(folder.path)/storage.log", O_WRONLY | O_APPEND)
            let torn: [UInt8] = [0, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 9, UInt8(ascii: "{")]
            #expect(write(log, torn, torn.count) == torn.count)
            close(log)
            let second = try EmulatorProcess(state: folder.path)
            let page = try second.request("GET", Self.url(try second.resource("SuccessfulIngestionsQueue"), "messages"))
            let text = try #require(page.element("MessageText").flatMap { Digests.bytes(base64: $0) })
            #expect(try JSON.parse(text)["IngestionSourceId"] == "kept")
        }
    }
}
