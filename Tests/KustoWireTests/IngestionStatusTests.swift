import KustoWire
import SpoolPrimitives
import Testing

/// What an entity of the status table says (reference: kusto-queued-ingestion §5.5, §7.2).
@Suite struct IngestionStatusTests {
    @Test(
        "every published word is known, in any case; an unknown one is kept as it is",
        arguments: [
            ("Pending", .pending), ("Queued", .queued), ("Succeeded", .succeeded), ("succeeded", .succeeded),
            ("PartiallySucceeded", .partiallySucceeded), ("Failed", .failed), ("Skipped", .skipped), ("Paused", .other("Paused")),
            ("", .other("")),
        ] as [(String, IngestionStatus.Kind)])
    func kinds(word: String, kind: IngestionStatus.Kind) throws {
        #expect(IngestionStatus(.object([JSONMember("Status", .string(word))])).kind == kind)
    }

    @Test("a failure has the service's columns, numbers for names and braces about identifiers, and no secret")
    func failure() throws {
        let entity = try JSONValue(
            parsing: """
                {"Status":"Failed","IngestionSourceId":"{123A6999-411E-4226-A333-A79992DD9B95}",
                "IngestionSourcePath":"https://a/c/b.csv?sig=x","UpdatedOn":"2026-01-02T03:04:05.5Z","OperationId":"3827def6-0773-4f2a-859e-c02cf395deaf",
                "ActivityId":"3c883942-0773-4f2a-859e-c02cf395deaf","ErrorCode":"0x80DA000B","FailureStatus":1,
                "Details":"see https://a/c/b.csv?sv=1&sig=secret","OriginatesFromUpdatePolicy":"false","ShouldRetry":null,"New":1}
                """)
        let notification = IngestionStatus(entity).notification
        guard case .failure(let failure) = notification.outcome else {
            Issue.record("no failure")
            return
        }
        #expect(failure.errorCode.rawValue == "Stream_ClosingQuoteMissing")
        #expect(failure.status == .permanent)
        #expect(failure.originatesFromUpdatePolicy == false)
        #expect(failure.shouldRetry == nil)
        #expect(notification.sourceID == "123a6999-411e-4226-a333-a79992dd9b95")
        #expect(notification.operationID == "3827def6-0773-4f2a-859e-c02cf395deaf")
        #expect(notification.rootActivityID == "3c883942-0773-4f2a-859e-c02cf395deaf")
        #expect(notification.occurredOn == Timestamp(iso8601: "2026-01-02T03:04:05.5Z"))
        #expect(!"\(notification)".contains("secret") && !"\(notification)".contains("sig=x"))
    }

    @Test("empty columns of a success are none")
    func emptyColumns() throws {
        let entity = try JSONValue(parsing: #"{"Status":"Succeeded","ErrorCode":"","FailureStatus":"","Details":"","OperationId":""}"#)
        let notification = IngestionStatus(entity).notification
        #expect(notification.outcome == .success)
        #expect(notification.operationID == nil)
    }

    @Test("what the client writes is pending, names the source, and has no signature")
    func pending() throws {
        let properties = IngestionProperties(database: "D", table: "T", format: .csv, reportMethod: .table)
        let members = IngestionStatus.pending(
            sourceID: "id", blob: try #require(SecretURL("https://a/c/b?sig=x")), properties: properties, at: Timestamp(seconds: 0))
        let json = JSONValue.object(members)
        #expect(IngestionStatus(json).kind == .pending)
        #expect(json["IngestionSourceId"]?.text == "id" && json["Database"]?.text == "D" && json["Table"]?.text == "T")
        #expect(json["IngestionSourcePath"]?.text == "https://a/c/b")
        #expect(json["UpdatedOn"]?.text?.hasSuffix("Z") == true)
    }

    @Test("a message asks for a status only where it asks for reports at all")
    func reportsToTable() {
        for (level, method, isAsked) in [
            (.failuresAndSuccesses, .table, true), (.failuresOnly, .queueAndTable, true), (.none, .table, false),
            (.failuresAndSuccesses, .queue, false),
        ] as [(ReportLevel, ReportMethod, Bool)] {
            let properties = IngestionProperties(database: "D", table: "T", format: .csv, reportLevel: level, reportMethod: method)
            #expect(properties.reportsToTable == isAsked)
        }
    }

    @Test("a tag is on the extent and is looked for first, behind the route's own, and only where the route drops repeats")
    func tagged() {
        var properties = IngestionProperties(database: "D", table: "T", format: .csv, tags: ["drop-by:a"])
        #expect(properties.tagged(ingestBy: "x") == properties)
        properties.dedupe = .ingestBy
        #expect(properties.tagged(ingestBy: "x").tags == ["drop-by:a", "ingest-by:x"])
        #expect(properties.tagged(ingestBy: "x").ingestIfNotExists == ["x"])
    }
}
