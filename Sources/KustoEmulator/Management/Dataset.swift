/// A table of results, and the two forms in which Kusto's REST services send one.
struct Dataset: Sendable {
    struct Column: Sendable {
        let name: String
        let type: ColumnType
    }

    var columns: [Column]
    var rows: [[JSON]]

    /// The v1 form of a management command's reply: one table.
    var version1: JSON { ["Tables": [table(named: "Table_0")]] }

    /// The v1 form of a query's reply: the result, its properties, its status, and the table of contents.
    var version1Query: JSON {
        let properties = Dataset(columns: [Column(name: "Value", type: .string)], rows: [["{}"]])
        let status = Dataset(
            columns: [
                Column(name: "Timestamp", type: .datetime), Column(name: "Severity", type: .int),
                Column(name: "SeverityName", type: .string),
                Column(name: "StatusCode", type: .int), Column(name: "StatusDescription", type: .string),
                Column(name: "ClientActivityId", type: .string),
            ], rows: [[.string(Moment.system.roundTripText), 4, "Info", 0, "Query completed successfully", ""]])
        let contents = Dataset(
            columns: [
                Column(name: "Ordinal", type: .long), Column(name: "Kind", type: .string), Column(name: "Name", type: .string),
                Column(name: "Id", type: .string), Column(name: "PrettyName", type: .string),
            ],
            rows: [
                [0, "QueryResult", "PrimaryResult", .string(Identifier.guid()), ""],
                [1, "QueryProperties", "@ExtendedProperties", .string(Identifier.guid()), ""],
                [2, "QueryStatus", "QueryStatus", .string(Identifier.emptyGUID), ""],
            ])
        let tables = [self, properties, status, contents].enumerated().map { $1.table(named: "Table_\($0)") }
        return ["Tables": .array(tables)]
    }

    /// The v2 form: a sequence of frames.
    var version2: JSON {
        let information = Dataset(
            columns: [
                Column(name: "Timestamp", type: .datetime), Column(name: "ClientRequestId", type: .string),
                Column(name: "Level", type: .int),
                Column(name: "StatusCode", type: .int), Column(name: "Payload", type: .string),
            ], rows: [[.string(Moment.system.roundTripText), "", 4, 0, "{\"Text\":\"Query completed successfully\"}"]])
        return [
            ["FrameType": "DataSetHeader", "IsProgressive": false, "Version": "v2.0"],
            frame(
                id: 0, kind: "QueryProperties", name: "@ExtendedProperties",
                Dataset(columns: [Column(name: "Value", type: .dynamic)], rows: [])),
            frame(id: 1, kind: "PrimaryResult", name: "PrimaryResult", self),
            frame(id: 2, kind: "QueryCompletionInformation", name: "QueryCompletionInformation", information),
            ["FrameType": "DataSetCompletion", "HasErrors": false, "Cancelled": false],
        ]
    }

    private func frame(id: Int, kind: String, name: String, _ dataset: Dataset) -> JSON {
        [
            "FrameType": "DataTable", "TableId": .integer(id), "TableKind": .string(kind), "TableName": .string(name),
            "Columns": .array(dataset.columns.map { ["ColumnName": .string($0.name), "ColumnType": .string($0.type.rawValue)] }),
            "Rows": .array(dataset.rows.map { .array($0) }),
        ]
    }

    private func table(named name: String) -> JSON {
        let columns: [JSON] = columns.map {
            ["ColumnName": .string($0.name), "DataType": .string($0.type.frameworkName), "ColumnType": .string($0.type.rawValue)]
        }
        return ["TableName": .string(name), "Columns": .array(columns), "Rows": .array(rows.map { .array($0) })]
    }
}
