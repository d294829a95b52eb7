import KustoIngest
import KustoWire
import SpoolPrimitives

/// The body of a reply to a management command.
enum ManagementInput {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        try checkJSON(bytes)
        let error = OneApiError(decoding: bytes)
        for text in [error.summary, error.code, error.message, error.type, error.activityID, error.clientRequestID, error.namedEndpoint] {
            if let text { try expectPresentable(text, atMost: 16 << 10, "a field of an error") }
        }
        let response: ManagementResponse
        do throws(ManagementResponseError) {
            response = try ManagementResponse(decoding: bytes)
        } catch {
            return try expectPresentable("\(error)", atMost: 64 << 10 + bytes.count * 16, "the refusal of a reply")
        }
        let written = encode(response)
        try expect(decode(written) == response, "a reply that was written again reads differently")
        switch Result(catching: { () throws(ManagementResponseError) in try IngestionResourceList(decoding: response) }) {
        case .success(let list):
            try expect(list.resources.count + list.skipped.count <= response.primary?.rows.count ?? 0, "more resources than rows")
            for text in list.skipped { try expectPresentable(text, atMost: 4096, "a skipped resource") }
            for resource in list.resources { try SASInput.check(StorageResource(resource)) }
        case .failure(let error):
            try expectPresentable("\(error)", atMost: 4096, "the refusal of a list")
        }
        if let type = response.serviceType() { try expectPresentable(type, atMost: 4096, "the service's type") }
    }

    /// Digits, names and order survive, whoever wrote them.
    private static func checkJSON(_ bytes: [UInt8]) throws(Violation) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: bytes) } catch {
            return try expect((0...bytes.count).contains(error.offset), "an error at byte \(error.offset) of \(bytes.count)")
        }
        var writer = JSONWriter()
        writer.value(value)
        let again = Result { () throws(JSONError) in try JSONValue(parsing: writer.bytes) }
        try expect(again == .success(value), "JSON that was written again is \(again)")
        try expect(!writer.bytes.contains(UInt8(ascii: "\n")), "JSON of more than one line")
    }

    private static func decode(_ bytes: [UInt8]) -> ManagementResponse? {
        do throws(ManagementResponseError) { return try ManagementResponse(decoding: bytes) } catch { return nil }
    }

    private static func encode(_ response: ManagementResponse) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.key("Tables")
            object.array { tables in
                for table in response.tables {
                    tables.object { object in
                        object.field("TableName", table.name)
                        object.key("Columns")
                        object.array { columns in
                            for column in table.columns { columns.object { $0.field("ColumnName", column) } }
                        }
                        object.key("Rows")
                        object.array { rows in
                            for row in table.rows { rows.value(.array(row)) }
                        }
                    }
                }
            }
        }
        return writer.bytes
    }
}
