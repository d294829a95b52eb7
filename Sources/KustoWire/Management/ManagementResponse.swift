package import SpoolPrimitives

/// The reply to a management command, version 1: tables of rows.
///
/// Source: the REST page "Query/management HTTP response" (reference: kusto-queued-ingestion §1.4). A status of 200 only means that processing
/// began: an error may stand among the rows.
package struct ManagementResponse: Sendable, Hashable {
    package var tables: [ManagementTable]

    package init(tables: [ManagementTable]) { self.tables = tables }

    /// The table that holds the answer: the first.
    package var primary: ManagementTable? { tables.first }

    /// Reads the body of a reply with status 200.
    package init(decoding body: [UInt8]) throws(ManagementResponseError) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: body)
        } catch {
            throw .notJSON(error, looksLikeHTML: Self.looksLikeHTML(body), excerpt: BodyExcerpt.of(body))
        }
        if json[ignoringCase: "error"]?.members != nil { throw .inStream([OneApiError(json: json).summary]) }
        if let exceptions = json[ignoringCase: "Exceptions"], !exceptions.isNull { throw .inStream(Self.texts(exceptions)) }
        guard let tables = json[ignoringCase: "Tables"]?.elements else {
            throw .unexpectedShape("no Tables", excerpt: BodyExcerpt.of(body))
        }
        var decoded: [ManagementTable] = []
        for table in tables { decoded.append(try Self.table(table, of: body)) }
        self.tables = decoded
    }

    private static func table(_ json: JSONValue, of body: [UInt8]) throws(ManagementResponseError) -> ManagementTable {
        guard let rows = json[ignoringCase: "Rows"]?.elements else {
            throw .unexpectedShape("a table without Rows", excerpt: BodyExcerpt.of(body))
        }
        var decoded: [[JSONValue]] = []
        for row in rows {
            if let cells = row.elements {
                decoded.append(cells)
            } else if let exceptions = row[ignoringCase: "Exceptions"] ?? row[ignoringCase: "OneApiErrors"] {
                throw .inStream(texts(exceptions))
            } else if row[ignoringCase: "error"]?.members != nil {
                throw .inStream([OneApiError(json: row).summary])
            } else {
                throw .unexpectedShape("a row that is no array", excerpt: BodyExcerpt.of(body))
            }
        }
        let columns = json[ignoringCase: "Columns"]?.elements ?? []
        return ManagementTable(
            name: json[ignoringCase: "TableName"]?.text ?? "", columns: columns.map { $0[ignoringCase: "ColumnName"]?.text ?? "" },
            rows: decoded)
    }

    /// Exceptions are texts in the documentation and error objects in some replies.
    private static func texts(_ exceptions: JSONValue) -> [String] {
        (exceptions.elements ?? [exceptions]).map { exception in
            if let text = exception.text { return SecretScrubber.scrub(text) }
            return OneApiError(json: exception).summary
        }
    }

    private static func looksLikeHTML(_ body: [UInt8]) -> Bool {
        body.first { $0 > 0x20 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF } == UInt8(ascii: "<")
    }
}

/// Why a reply with status 200 is none. No case holds a secret.
package enum ManagementResponseError: Error, Sendable, Hashable {
    /// The body is no JSON, or only its beginning.
    case notJSON(JSONError, looksLikeHTML: Bool, excerpt: String)
    /// JSON of another shape.
    case unexpectedShape(String, excerpt: String)
    /// The service reported a failure within a reply of status 200.
    case inStream([String])
    /// The table lacks what the command promises.
    case missing(String)
}

extension ManagementResponseError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notJSON(let error, let looksLikeHTML, let excerpt):
            if looksLikeHTML {
                "an HTML page instead of the service's reply (a proxy or a login page?): \(excerpt)"
            } else {
                "the reply is no JSON (\(error)): \(excerpt)"
            }
        case .unexpectedShape(let what, let excerpt): "the reply has an unknown shape (\(what)): \(excerpt)"
        case .inStream(let texts): "the service failed while it replied: \(texts.joined(separator: "; "))"
        case .missing(let what): "the reply lacks \(what)"
        }
    }
}
