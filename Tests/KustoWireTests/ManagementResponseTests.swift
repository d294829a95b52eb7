import KustoWire
import SpoolPrimitives
import Testing

@Suite struct ManagementResponseTests {
    /// Reference: kusto-queued-ingestion §1.4, with the types of §1.5, one that nobody knows, a repetition and a URL that is none.
    private static let resources = #"""
        {"Tables":[{"TableName":"Table_0",
          "Columns":[{"ColumnName":"ResourceTypeName","DataType":"String","ColumnType":"string"},
                     {"ColumnName":"StorageRoot","DataType":"String","ColumnType":"string"}],
          "Rows":[["SecuredReadyForAggregationQueue","https://acct.queue.core.windows.net/ready-secured?sv=2018-03-28&sig=q%2B"],
                  ["TempStorage","https://acct.blob.core.windows.net/20221101-c?sv=2018-03-28&sr=c&sp=rw&sig=c%2B"],
                  ["tempstorage","https://acct.blob.core.windows.net/20221101-c?sv=2018-03-28&sr=c&sp=rw&sig=c%2B"],
                  ["FailedIngestionsQueue","https://acct.queue.core.windows.net/failed?sig=f"],
                  ["SuccessfulIngestionsQueue","https://acct.queue.core.windows.net/successful?sig=s"],
                  ["IngestionsStatusTable","https://acct.table.core.windows.net/status?sig=t"],
                  ["QuantumQueue","https://acct.queue.core.windows.net/future?sig=hunter2"],
                  ["TempStorage","http://acct.blob.core.windows.net/plain?sig=hunter2"],
                  ["TempStorage","https://acct.blob.core.windows.net/?sig=hunter2"],
                  ["TempStorage",null]]}]}
        """#

    private static func decode(_ text: String) throws(ManagementResponseError) -> ManagementResponse {
        try ManagementResponse(decoding: Array(text.utf8))
    }

    @Test("resources are read by name, unknown and unusable ones skipped with a reason, repetitions dropped")
    func resources() throws {
        let list = try IngestionResourceList(decoding: Self.decode(Self.resources))
        #expect(
            list.resources.map { "\($0.kind.rawValue) \($0.url.revealed)" } == [
                "SecuredReadyForAggregationQueue https://acct.queue.core.windows.net/ready-secured?sv=2018-03-28&sig=q%2B",
                "TempStorage https://acct.blob.core.windows.net/20221101-c?sv=2018-03-28&sr=c&sp=rw&sig=c%2B",
                "FailedIngestionsQueue https://acct.queue.core.windows.net/failed?sig=f",
                "SuccessfulIngestionsQueue https://acct.queue.core.windows.net/successful?sig=s",
                "IngestionsStatusTable https://acct.table.core.windows.net/status?sig=t",
            ])
        #expect(
            list.skipped == [
                "QuantumQueue: unknown type", "TempStorage: not the https URL of a resource",
                "TempStorage: not the https URL of a resource",
                "TempStorage: not the https URL of a resource",
            ])
    }

    @Test(
        "columns are found by name in any order and case, by position where no column bears the name",
        arguments: [
            #"{"Tables":[{"Columns":[{"ColumnName":"storageRoot"},{"ColumnName":"resourceTypeName"}],"Rows":[["https://a/q?s","TempStorage"]]}]}"#,
            #"{"Tables":[{"Columns":[{"ColumnName":"A"},{"ColumnName":"B"}],"Rows":[["TempStorage","https://a/q?s"]]}]}"#,
            #"{"Tables":[{"Rows":[["TempStorage","https://a/q?s"]]}]}"#,
            #"{"tables":[{"tableName":"x","rows":[["TempStorage","https://a/q?s",7,true,null]]},{"Rows":[[1]]}],"extra":{}}"#,
            "\u{FEFF}" + #"{"Tables":[{"Columns":null,"Rows":[["TempStorage","https://a/q?s"]]}]}"#,
        ])
    func columns(text: String) throws {
        let list = try IngestionResourceList(decoding: Self.decode(text))
        #expect(list.resources.map(\.url.revealed) == ["https://a/q?s"])
    }

    @Test("an empty table is no resources; a table without the columns is an error")
    func emptyTables() throws {
        let empty = #"{"Tables":[{"Columns":[{"ColumnName":"ResourceTypeName"},{"ColumnName":"StorageRoot"}],"Rows":[]}]}"#
        #expect(try IngestionResourceList(decoding: Self.decode(empty)).resources.isEmpty)
        #expect(throws: ManagementResponseError.missing("its table")) {
            try IngestionResourceList(decoding: Self.decode(#"{"Tables":[]}"#))
        }
        #expect(throws: ManagementResponseError.self) {
            try IngestionResourceList(decoding: Self.decode(#"{"Tables":[{"Columns":[{"ColumnName":"X"}],"Rows":[["a"]]}]}"#))
        }
    }

    @Test("the identity token is taken as it is, and its absence is a failure")
    func identityToken() throws {
        let reply = #"{"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"AuthorizationContext"}],"Rows":[["a b=="]]}]}"#
        #expect(try Self.decode(reply).identityToken().revealed == "a b==")
        for rows in ["[]", #"[[""]]"#, #"[["  "]]"#, "[[null]]", "[[]]"] {
            #expect(throws: ManagementResponseError.missing("the identity token (AuthorizationContext)"), "\(rows)") {
                try Self.decode(#"{"Tables":[{"Columns":[{"ColumnName":"AuthorizationContext"}],"Rows":\#(rows)}]}"#).identityToken()
            }
        }
    }

    @Test("the kind of service is read where it is said")
    func serviceType() throws {
        let reply =
            #"{"Tables":[{"Columns":[{"ColumnName":"BuildVersion"},{"ColumnName":"ServiceType"}],"Rows":[["1","DataManagement"]]}]}"#
        #expect(try Self.decode(reply).serviceType() == "DataManagement")
        #expect(try Self.decode(#"{"Tables":[{"Columns":[{"ColumnName":"B"}],"Rows":[["1"]]}]}"#).serviceType() == nil)
    }

    @Test(
        "a failure within a reply of status 200 is a failure",
        arguments: [
            (#"{"Tables":[{"Columns":[],"Rows":[["a"],{"Exceptions":["Query timed out"]}]}]}"#, ["Query timed out"]),
            (#"{"Tables":[],"Exceptions":["E1","E2 https://a/b?sig=hunter2"]}"#, ["E1", "E2 https://a/b?<redacted>"]),
            (#"{"error":{"code":"Boom","message":"m","@message":"the detail"}}"#, ["Boom: the detail"]),
            (#"{"Tables":[{"Rows":[{"OneApiErrors":[{"error":{"code":"C","@message":"D"}}]}]}]}"#, ["C: D"]),
            (#"{"Tables":[{"Rows":[{"error":{"code":"C","@message":"D"}}]}]}"#, ["C: D"]),
        ])
    func inStream(text: String, expected: [String]) {
        #expect(throws: ManagementResponseError.inStream(expected)) { try Self.decode(text) }
    }

    @Test(
        "what is no reply is described by its beginning",
        arguments: [
            ("<html>\n<body>Sign in</body></html>", "an HTML page", "<html> <body>Sign in</body></html>"),
            ("\u{FEFF}<html>", "an HTML page", "<html>"),
            ("upstream connect error", "no JSON", "upstream connect error"),
            ("", "ends too early", ""),
            ("[]", "unknown shape", "[]"),
            (#"{"a":1}"#, "unknown shape", #"{"a":1}"#),
            (#"{"Tables":[{"Rows":[1]}]}"#, "unknown shape", #""Rows"…"#),
        ])
    func notAReply(text: String, words: String, excerpt: String) throws {
        let error = #expect(throws: ManagementResponseError.self) { try Self.decode(text) }
        let shown = try #require(error).description
        #expect(shown.contains(words))
        #expect(shown.contains(excerpt))
    }

    @Test("a reply cut anywhere is an error that shows no secret, and never a shorter list")
    func truncation() throws {
        let body = Array(Self.resources.utf8)
        var errors = 0
        for length in 0..<body.count - 1 {
            let text = String(decoding: body[..<length], as: UTF8.self)
            if text.contains("]}]}") { continue }
            do throws(ManagementResponseError) {
                _ = try ManagementResponse(decoding: Array(body[..<length]))
                Issue.record("\(length) bytes were accepted")
            } catch {
                errors += 1
                #expect(!error.description.contains("sig="), "\(length)")
                #expect(!error.description.contains("hunter2"), "\(length)")
                #expect(error.description.count < 400, "\(length)")
            }
        }
        #expect(errors > 1000)
        // The detector sees what it looks for.
        #expect(Self.resources.contains("sig=") && Self.resources.contains("hunter2"))
    }

    @Test("a cut reply with an identity token does not show the token")
    func truncatedToken() throws {
        let token = String(repeating: "aB3/xY+z", count: 40)
        for prefix in [#"{"Tables":[{"Columns":[],"Rows":[[""#, #"{"t":""#, "<p>", "x "] {
            let error = #expect(throws: ManagementResponseError.self) { try Self.decode(prefix + token) }
            #expect(!"\(try #require(error))".contains("aB3/xY+zaB3"))
        }
    }
}
