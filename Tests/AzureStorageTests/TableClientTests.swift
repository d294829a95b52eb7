import AzureStorage
import CurlTransport
import HTTPTransport
import SpoolPrimitives
import SpoolTestSupport
import Testing

@Suite struct TableClientTests {
    private static let sas = "sv=2019-02-02&tn=statuses&sp=raud&sig=aB%2B/c%3D"

    private func table(_ origin: String = "https://acct.table.core.windows.net") throws -> SecretURL {
        try #require(SecretURL("\(origin)/statuses?\(Self.sas)"))
    }

    @Test("Insert Entity writes the keys and the properties, and asks for no echo")
    func insert() async throws {
        let transport = try CurlTransport()
        defer { transport.close() }
        try await ScriptedServer.with([[.readRequest, .send(Reply.bytes(204, body: ""))]]) { server in
            let entity = TableEntity(
                key: TableKey(partition: "p1", row: "r'1"), properties: [JSONMember("Status", .string("Pending \"x\""))])
            try await TableClient(transport).insert(entity, into: table(server.origin), clientRequestID: ClientRequestID("id;1"))
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.target == "/statuses?\(Self.sas)")
            #expect(request.header("Accept") == "application/json;odata=nometadata")
            #expect(request.header("Content-Type") == "application/json")
            #expect(request.header("Prefer") == "return-no-content")
            #expect(request.header("x-ms-version") == "2019-02-02")
            #expect(
                String(decoding: request.body, as: UTF8.self)
                    == #"{"PartitionKey":"p1","RowKey":"r'1","Status":"Pending \"x\""}"#)
        }
    }

    @Test("an insertion that is echoed all the same has worked, and one that is repeated says so", arguments: [201, 204, 409])
    func inserted(status: Int) async throws {
        let transport = ScriptedTransport(
            status, [("Content-Type", "application/json")],
            #"{"odata.error":{"code":"EntityAlreadyExists","message":{"lang":"en-US","value":"The entity is there.\nRequestId:1"}}}"#)
        do throws(StorageError) {
            let url = SecretURL("https://acct.table.core.windows.net/statuses")
            guard let url else { return }
            try await TableClient(transport).insert(TableEntity(key: TableKey(partition: "p", row: "r"), properties: []), into: url)
            #expect(status != 409)
        } catch {
            #expect(status == 409)
            #expect(error.code == .entityAlreadyExists)
            #expect(error.message == "The entity is there.")
        }
    }

    @Test("an error is read from JSON, from XML, or from the header alone, and its text holds no signature")
    func errors() async throws {
        let json = #"{"odata.error":{"code":"ResourceNotFound","message":{"lang":"en-US","value":"No such thing?sig=abc.\nTime:1"}}}"#
        let xml = "\u{FEFF}<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code><Message>No.\nRequestId:1</Message></Error>"
        for (body, headers, code, message) in [
            (json, [], StorageErrorCode.resourceNotFound, "No such thing?"),
            (xml, [], .authenticationFailed, "No."),
            ("", [("x-ms-error-code", "TableNotFound")], .tableNotFound, nil),
        ] as [(String, [(name: String, value: String)], StorageErrorCode, String?)] {
            let transport = ScriptedTransport(code == .authenticationFailed ? 403 : 404, headers, body)
            let error = await #expect(throws: StorageError.self) {
                _ = try await TableClient(transport).entity(TableKey(partition: "p", row: "r"), of: table())
            }
            #expect(error?.code == code)
            #expect(error?.message == message)
            #expect(error.map { "\($0)".contains("sig=") } == false)
        }
    }

    @Test("an entity is asked for, and deleted, by its keys, whose quotes are doubled")
    func byKey() async throws {
        let reading = ScriptedTransport(200, [], #"{"PartitionKey":"a'b","RowKey":"c d","Status":"Succeeded","N":1}"#)
        let entity = try await TableClient(reading).entity(TableKey(partition: "a'b", row: "c d"), of: table())
        #expect(entity.key == TableKey(partition: "a'b", row: "c d"))
        #expect(entity.json["Status"]?.text == "Succeeded")
        let path = "/statuses(PartitionKey='a%27%27b',RowKey='c%20d')"
        #expect(reading.requests.first?.url.path == path)
        #expect(reading.requests.first?.url.query?.revealed == Self.sas)
        for etag in [nil, "W/\"datetime'2026-01-02T03%3A04%3A05.678Z'\""] {
            let deleting = ScriptedTransport(204)
            try await TableClient(deleting).delete(TableKey(partition: "a'b", row: "c d"), etag: etag, of: table())
            #expect(deleting.requests.first?.url.path == path)
            #expect(deleting.requests.first?.method == .delete)
            #expect(deleting.requests.first?.header("If-Match") == etag ?? "*")
        }
    }

    @Test("a query names its range, its columns and its bound, and goes on where the page before ended, even an empty one")
    func query() async throws {
        let transport = ScriptedTransport(
            200, [("x-ms-continuation-NextPartitionKey", "1!8!YQ--"), ("x-ms-continuation-NextRowKey", "1!4!Yg==")], #"{"value":[]}"#)
        let client = TableClient(transport)
        let filter = TableFilter.partitions("a"..."b'c").and("Status", isNot: "Pending")
        let first = try await client.query(table(), filter, select: ["Status"], atMost: 10)
        #expect(first.entities.isEmpty)
        let continuation = try #require(first.continuation)
        _ = try await client.query(table(), filter, after: continuation)
        let queries = transport.requests.map { $0.url.query?.revealed ?? "" }
        let text = "PartitionKey%20ge%20%27a%27%20and%20PartitionKey%20le%20%27b%27%27c%27%20and%20Status%20ne%20%27Pending%27"
        #expect(queries[0] == "$filter=\(text)&$top=10&$select=PartitionKey,RowKey,Status&\(Self.sas)")
        #expect(queries[1] == "$filter=\(text)&$top=1000&NextPartitionKey=1%218%21YQ--&NextRowKey=1%214%21Yg%3D%3D&\(Self.sas)")
        #expect(transport.requests.allSatisfy { $0.url.path == "/statuses()" })
        #expect(transport.requests.allSatisfy { $0.header("Accept") == "application/json;odata=fullmetadata" })
    }

    @Test("the last page has no continuation; what is no list of entities is no page")
    func pages() async throws {
        let body = #"""
            {"value":[{"odata.type":"a.t","odata.etag":"W/1","PartitionKey":"p","RowKey":"r","UpdatedOn@odata.type":"Edm.DateTime",
            "UpdatedOn":"2026-01-02T03:04:05Z","Status":"Failed","Details":null},{"PartitionKey":"q","RowKey":"s"}]}
            """#
        let page = try await TableClient(ScriptedTransport(200, [], body)).query(table(), .partitions("a"..."z"))
        #expect(page.continuation == nil)
        #expect(page.entities.map(\.key.partition) == ["p", "q"])
        #expect(page.entities[0].json["Details"]?.isNull == true)
        #expect(page.entities[0].properties.map(\.key) == ["UpdatedOn", "Status", "Details"])
        #expect(page.entities.map(\.etag) == ["W/1", nil])
        for bad in ["", "<html>", "[]", #"{"value":7}"#, #"{"value":[{"RowKey":"r"}]}"#, #"{"value":[{"PartitionKey":"p""#] {
            let error = await #expect(throws: StorageError.self) {
                _ = try await TableClient(ScriptedTransport(200, [], bad)).query(table(), .partitions("a"..."z"))
            }
            if case .unreadableReply? = error?.cause {} else { Issue.record("\(bad): \(String(describing: error))") }
        }
    }
}
