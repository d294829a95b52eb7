import KustoWire
import SpoolPrimitives
import Testing

/// Rows of `.show ingestion failures` (reference: kusto-queued-ingestion §7.1).
@Suite struct RecordedFailureTests {
    private static func response(_ columns: [String], _ rows: [[JSONValue]]) -> ManagementResponse {
        ManagementResponse(tables: [ManagementTable(name: "Table_0", columns: columns, rows: rows)])
    }

    @Test("a row is a failure with the blob's path, free of secrets")
    func row() throws {
        let columns = [
            "OperationId", "FailedOn", "IngestionSourcePath", "Details", "FailureKind", "OriginatesFromUpdatePolicy", "ErrorCode",
            "ShouldRetry",
        ]
        let cells: [JSONValue] = [
            .string("op"), .string("2026-01-02T03:04:05Z"), .string("https://a/c/i/b.csv.gz?sv=1&sig=secret"),
            .string("see https://a/c?sig=secret"), .string("Permanent"), .number("0"), .string("Stream_ClosingQuoteMissing"), .bool(true),
        ]
        let failures = try RecordedFailure.list(decoding: Self.response(columns, [cells]))
        let failure = try #require(failures.first)
        #expect(failure.sourcePath == "https://a/c/i/b.csv.gz")
        #expect(failure.failure.errorCode.rawValue == "Stream_ClosingQuoteMissing")
        #expect(failure.failure.status == .permanent)
        #expect(failure.failure.shouldRetry == true && failure.failure.originatesFromUpdatePolicy == false)
        #expect(failure.operationID == "op")
        #expect(failure.failedOn == Timestamp(iso8601: "2026-01-02T03:04:05Z"))
        #expect(!"\(failures)".contains("secret"))
    }

    @Test("a table without the paths is no answer; absent columns and rows without a path are borne")
    func missing() throws {
        #expect(throws: ManagementResponseError.self) { try RecordedFailure.list(decoding: Self.response(["Details"], [[.null]])) }
        let failures = try RecordedFailure.list(
            decoding: Self.response(["IngestionSourcePath"], [[.null], [.string("")], [.string("https://a/c/b.csv")]]))
        #expect(failures.map(\.sourcePath) == ["https://a/c/b.csv"])
        #expect(failures.first?.failure.status == .unknown)
        #expect(try RecordedFailure.list(decoding: Self.response(["IngestionSourcePath"], [])).isEmpty)
    }

    @Test("the command asks for each name, and for a bounded answer")
    func command() {
        let request = ManagementRequest.ingestionFailures(naming: ["0a-1", "b"])
        #expect(
            request.command
                == #".show ingestion failures | where IngestionSourcePath contains "0a-1" or IngestionSourcePath contains "b" | take 1000"#)
    }
}
