import FoundationEssentials
import KustoIngest
import KustoWire
import SpoolPrimitives
import Testing

@Suite struct IngestionMessageComposerTests {
    private static let composer = IngestionMessageComposer(client: ClientIdentity(application: "kusto-spool", version: "1"))
    private static let start = Timestamp(seconds: 1_767_225_600)

    private static func compose(_ snapshot: ResourceSnapshot, container: String = "https://a0.blob.core.windows.net/c0") throws -> String {
        let text = try composer.queueText(
            sourceID: "123a6999-411e-4226-a333-a79992dd9b95", blob: UploadedBlobAddress(container: container, name: "i/x%20y.csv.gz"),
            rawDataSize: ByteCount(7), properties: IngestionProperties(database: "D", table: "T", format: .csv), created: start,
            snapshot: snapshot, serverTime: start)
        return String(decoding: try #require(Data(base64Encoded: text.revealed)), as: UTF8.self)
    }

    @Test("signature and identity token are those of the snapshot of the moment")
    func composes() throws {
        let text = try Self.compose(try Fixtures.snapshot(expiry: "2026-01-01T04:00:00Z"))
        #expect(
            text.contains(
                #""BlobPath":"https://a0.blob.core.windows.net/c0/i/x%20y.csv.gz?se=2026-01-01T04:00:00Z&sig=hunter2","RawDataSize":7"#))
        #expect(text.contains(#""authorizationContext":"identity-token""#))
        let renewed = try Self.compose(try Fixtures.snapshot(expiry: "2026-01-09"))
        #expect(renewed.contains("?se=2026-01-09&sig=hunter2"))
    }

    @Test("a message that is reported to a table names it with the signature of the moment, and waits where it is not lent any more")
    func statusTable() throws {
        let rows = [
            ("TempStorage", "https://a0.blob.core.windows.net/c0?sig=hunter2"),
            ("SecuredReadyForAggregationQueue", "https://q.queue.core.windows.net/q?sig=hunter2"),
            ("IngestionsStatusTable", "https://t.table.core.windows.net/statuses?tn=statuses&sig=hunter2"),
        ]
        let response = try ManagementResponse(decoding: Array(Fixtures.resources(rows).utf8))
        let snapshot = try ResourceSnapshot(
            IngestionResourceList(decoding: response), identityToken: Secret("identity-token"),
            moment: ResourceSnapshot.Moment(monotonic: .zero, wall: Self.start, server: Self.start))
        func compose(_ table: String?) throws -> String {
            let text = try Self.composer.queueText(
                sourceID: "123a6999-411e-4226-a333-a79992dd9b95",
                blob: UploadedBlobAddress(container: "https://a0.blob.core.windows.net/c0", name: "b.csv"), rawDataSize: nil,
                properties: IngestionProperties(database: "D", table: "T", format: .csv, reportMethod: .table), created: Self.start,
                statusTable: table, snapshot: snapshot, serverTime: Self.start)
            return String(decoding: try #require(Data(base64Encoded: text.revealed)), as: UTF8.self)
        }
        let id = "123a6999-411e-4226-a333-a79992dd9b95"
        let entity =
            #""IngestionStatusInTable":{"TableConnectionString":"https://t.table.core.windows.net/statuses?tn=statuses&sig=hunter2","PartitionKey":"\#(id)","RowKey":"\#(id)"}"#
        let text = try compose("https://t.table.core.windows.net/statuses")
        #expect(text.contains(entity), "\(text)")
        #expect(text.contains(#""ReportMethod":1"#))
        #expect(try !compose(nil).contains("IngestionStatusInTable"))
        let error = #expect(throws: IngestionMessageComposerError.self) { try compose("https://t.table.core.windows.net/gone") }
        let complaint = "\(try #require(error))"
        #expect(complaint.contains("gone") && !complaint.contains("hunter2"))
    }

    @Test("a blob whose container left, or whose signature has ended, is to be uploaded anew")
    func refuses() throws {
        #expect(throws: IngestionMessageComposerError.self) {
            try Self.compose(try Fixtures.snapshot(), container: "https://a0.blob.core.windows.net/gone")
        }
        let error = #expect(throws: IngestionMessageComposerError.self) {
            try Self.compose(try Fixtures.snapshot(expiry: "2026-01-01T00:00:00Z"))
        }
        #expect(!"\(try #require(error))".contains("hunter2"))
    }

    @Test("a signature that ends within four hours is refused only where another lasts longer, or uploads would go round for ever")
    func dyingSignatures() throws {
        func snapshot(_ other: String) throws -> ResourceSnapshot {
            let rows = [
                ("TempStorage", "https://a0.blob.core.windows.net/c0?se=2026-01-01T03:59:59Z&sig=hunter2"),
                ("TempStorage", "https://a1.blob.core.windows.net/c0?\(other)sig=hunter2"),
                ("SecuredReadyForAggregationQueue", "https://q.queue.core.windows.net/q?sig=hunter2"),
            ]
            let response = try ManagementResponse(decoding: Array(Fixtures.resources(rows).utf8))
            return try ResourceSnapshot(
                IngestionResourceList(decoding: response), identityToken: Secret("identity-token"),
                moment: ResourceSnapshot.Moment(monotonic: .zero, wall: Self.start, server: Self.start))
        }
        #expect(throws: IngestionMessageComposerError.self) { try Self.compose(try snapshot("se=2026-01-02&")) }
        #expect(throws: IngestionMessageComposerError.self) { try Self.compose(try snapshot("")) }
        #expect(try Self.compose(try snapshot("se=2026-01-01T02:00:00Z&")).contains("hunter2"))
    }
}
