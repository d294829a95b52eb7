import FoundationEssentials
import KustoWire
import SpoolPrimitives
import Testing

@Suite struct IngestionMessageTests {
    /// Every value of the properties is other than its default.
    private static func full() throws -> IngestionMessage {
        IngestionMessage(
            id: "123a6999-411e-4226-a333-a79992dd9b95",
            blobURL: try #require(SecretURL("https://a.blob.core.windows.net/c/i/x%20y.json.gz?sv=2024-11-04&sig=aB%2B/c%3D")),
            rawDataSize: ByteCount(10_485_760), created: try #require(Timestamp(iso8601: "2026-01-02T03:04:05.123456Z")),
            properties: IngestionProperties(
                database: "db \"1\"", table: "tä", format: .multijson, mappingReference: "m1", reportLevel: .failuresOnly,
                reportMethod: .table,
                retainBlobOnSuccess: false, flushImmediately: true, ignoreFirstRecord: true, tags: ["drop-by:2026-01-02", "q\"t"],
                ingestIfNotExists: ["y"], additional: ["zipPattern": "*.csv", "creationTime": "2026-01-01T00:00:00Z", "FORMAT": "csv"]),
            identityToken: Secret("tok+/=="), client: ClientIdentity(application: "kusto-spool", version: "1.0"),
            statusEntity: IngestionMessage.StatusEntity(
                table: try #require(SecretURL("https://a.table.core.windows.net/t?sig=t%2B")),
                partitionKey: "123a6999-411e-4226-a333-a79992dd9b95", rowKey: "123a6999-411e-4226-a333-a79992dd9b95"))
    }

    private static func least() throws -> IngestionMessage {
        var message = try full()
        message.rawDataSize = nil
        message.statusEntity = nil
        message.properties = IngestionProperties(database: "D", table: "T", format: .csv)
        return message
    }

    @Test("the message of the defaults, byte for byte")
    func golden() throws {
        // Written by hand from the reference's tables (kusto-queued-ingestion §5.2, §5.3, order of §5.6); not captured.
        let expected = [
            // The source and its blob, the signature byte for byte; no RawDataSize where it is unknown.
            #"{"Id":"123a6999-411e-4226-a333-a79992dd9b95","#,
            #""BlobPath":"https://a.blob.core.windows.net/c/i/x%20y.json.gz?sv=2024-11-04&sig=aB%2B/c%3D","#,
            // The target.
            #""DatabaseName":"D","TableName":"T","#,
            // JSON booleans at the top level; the blob is retained and batching left alone.
            #""RetainBlobOnSuccess":true,"FlushImmediately":false,"IgnoreSizeLimit":false,"#,
            // Integers: 2 is failures and successes, 0 the queue.
            #""ReportLevel":2,"ReportMethod":0,"#,
            // UTC with Z.
            #""SourceMessageCreationTime":"2026-01-02T03:04:05.123456Z","#,
            // The same texts as the headers x-ms-app and x-ms-client-version.
            #""ApplicationForTracing":"kusto-spool","ClientVersionForTracing":"KustoSpool:{1.0}","#,
            // Strings only; what is not asked for is absent.
            #""AdditionalProperties":{"authorizationContext":"tok+/==","format":"csv"}}"#,
        ].joined()
        #expect(String(decoding: try Self.least().encoded(), as: UTF8.self) == expected)
    }

    @Test("only data above the service's limit asks it to ignore the limit", arguments: [(6 << 30, false), ((6 << 30) + 1, true)])
    func sizeLimit(size: Int64, isIgnored: Bool) throws {
        var message = try Self.least()
        message.rawDataSize = ByteCount(size)
        #expect(String(decoding: try message.encoded(), as: UTF8.self).contains(#""IgnoreSizeLimit":\#(isIgnored),"#))
    }

    @Test("the message with everything, byte for byte")
    func goldenFull() throws {
        let expected = [
            #"{"Id":"123a6999-411e-4226-a333-a79992dd9b95","#,
            #""BlobPath":"https://a.blob.core.windows.net/c/i/x%20y.json.gz?sv=2024-11-04&sig=aB%2B/c%3D","#,
            // An integer, though the article's template shows a string (§4.3).
            #""RawDataSize":10485760,"#,
            #""DatabaseName":"db \"1\"","TableName":"tä","#,
            #""RetainBlobOnSuccess":false,"FlushImmediately":true,"IgnoreSizeLimit":false,"#,
            #""ReportLevel":0,"ReportMethod":1,"SourceMessageCreationTime":"2026-01-02T03:04:05.123456Z","#,
            // Status by table (§5.5).
            #""IngestionStatusInTable":{"TableConnectionString":"https://a.table.core.windows.net/t?sig=t%2B","#,
            #""PartitionKey":"123a6999-411e-4226-a333-a79992dd9b95","RowKey":"123a6999-411e-4226-a333-a79992dd9b95"},"#,
            #""ApplicationForTracing":"kusto-spool","ClientVersionForTracing":"KustoSpool:{1.0}","#,
            #""AdditionalProperties":{"authorizationContext":"tok+/==","format":"multijson","#,
            // Not the article's `mappingReference`; the kind in its own spelling (§5.3).
            #""ingestionMappingReference":"m1","ingestionMappingType":"Json","#,
            // Arrays as JSON text within a string.
            #""tags":"[\"drop-by:2026-01-02\",\"q\\\"t\"]","ingestIfNotExists":"[\"y\"]","ignoreFirstRecord":"true","#,
            // Keys of configuration, sorted; FORMAT would override ours and is left out.
            #""creationTime":"2026-01-01T00:00:00Z","zipPattern":"*.csv"}}"#,
        ].joined()
        #expect(String(decoding: try Self.full().encoded(), as: UTF8.self) == expected)
    }

    /// The message as the reference describes it, to an independent decoder.
    private struct Decoded: Decodable {
        var Id: String
        var BlobPath: String
        var RawDataSize: Int?
        var DatabaseName: String
        var TableName: String
        var RetainBlobOnSuccess: Bool
        var FlushImmediately: Bool
        var IgnoreSizeLimit: Bool
        var ReportLevel: Int
        var ReportMethod: Int
        var SourceMessageCreationTime: String
        var ApplicationForTracing: String
        var ClientVersionForTracing: String
        var AdditionalProperties: [String: String]
    }

    @Test("an independent decoder reads what was meant, through the Base64 of the queue's text")
    func decodable() throws {
        let message = try Self.full()
        let data = try #require(Data(base64Encoded: try message.queueText().revealed))
        let decoded = try JSONDecoder().decode(Decoded.self, from: data)
        #expect(decoded.Id == message.id)
        #expect(decoded.BlobPath == message.blobURL.revealed)
        #expect(decoded.RawDataSize == 10_485_760)
        #expect(decoded.DatabaseName == "db \"1\"")
        #expect(decoded.TableName == "tä")
        let tags = try #require(decoded.AdditionalProperties["tags"])
        #expect(try JSONDecoder().decode([String].self, from: Data(tags.utf8)) == message.properties.tags)
        #expect(decoded.AdditionalProperties["authorizationContext"] == "tok+/==")
    }

    @Test("Base64 is the standard one, for every length", arguments: 0..<70)
    func base64(length: Int) throws {
        var message = try Self.least()
        message.properties.table = "T" + String(repeating: "ü", count: length)
        #expect(try message.queueText().revealed == Data(try message.encoded()).base64EncodedString())
    }

    @Test("the JSON may have 48 KiB and not a byte more, which fills a queue's 64 KiB")
    func sizeLimit() throws {
        var message = try Self.least()
        let rest = try message.encoded().count
        message.properties.table = "T" + String(repeating: "x", count: 49_152 - rest)
        #expect(try message.queueText().revealed.utf8.count == 65_536)
        message.properties.table += "x"
        #expect(throws: IngestionMessageError.tooLarge(ByteCount(49_153))) { try message.queueText() }
    }

    @Test("a message that the service would refuse is not composed")
    func refusals() throws {
        var message = try Self.least()
        message.identityToken = Secret("")
        #expect(throws: IngestionMessageError.emptyIdentityToken) { try message.encoded() }
        message = try Self.least()
        message.properties.database = ""
        #expect(throws: IngestionMessageError.emptyName("database")) { try message.encoded() }
        message = try Self.least()
        message.properties.table = ""
        #expect(throws: IngestionMessageError.emptyName("table")) { try message.encoded() }
        for id in [
            "", "123A6999-411E-4226-A333-A79992DD9B95", "{123a6999-411e-4226-a333-a79992dd9b95}", "123a6999411e4226a333a79992dd9b95",
        ] {
            message = try Self.least()
            message.id = id
            #expect(throws: IngestionMessageError.malformedID(id)) { try message.encoded() }
        }
    }

    @Test("a message shows none of its secrets when it is printed")
    func printing() throws {
        let message = try Self.full()
        var dumped = ""
        dump(message, to: &dumped)
        for text in ["\(message)", dumped, "\(try message.queueText())"] {
            #expect(!text.contains("sig="))
            #expect(!text.contains("tok+"))
        }
    }

    @Test("each format goes by its name, its mapping by its kind", arguments: DataFormat.allCases)
    func formats(format: DataFormat) throws {
        var message = try Self.least()
        message.properties.format = format
        message.properties.mappingReference = "m"
        let text = String(decoding: try message.encoded(), as: UTF8.self)
        let expected = #""format":"\#(format.rawValue)","ingestionMappingReference":"m","ingestionMappingType":"\#(format.mappingKind)""#
        #expect(text.contains(expected))
    }
}
