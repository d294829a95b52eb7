import Dispatch

/// `/v1/rest/query` and `/v2/rest/query`: enough to see what has landed.
struct QueryEndpoint: Sendable {
    let cloud: Cloud

    private static let queue = DispatchQueue(label: "kusto-emulator.query")

    func answer(_ request: Request, version: Int, _ reply: @escaping @Sendable (Reply) -> Void) {
        // SQLite may make this wait; an event loop must not.
        Self.queue.async {
            do {
                let dataset = try dataset(request)
                reply(.json(200, version == 1 ? dataset.version1Query : dataset.version2))
            } catch let error as OneAPIError {
                reply(error.reply)
            } catch {
                let failure = OneAPIError(
                    code: "General_InternalServerError", type: "Kusto.DataNode.Exceptions.InternalServiceError", message: "\(error)",
                    isPermanent: false, status: 520)
                reply(failure.reply)
            }
        }
    }

    private func dataset(_ request: Request) throws -> Dataset {
        try ManagementEndpoint.requirePost(request)
        guard let body = JSON(parsing: request.bodyBytes), let text = body["csl"]?.text else {
            throw OneAPIError.badRequest(
                type: "Kusto.Common.Svc.Exceptions.BadRequestException", "The request's body is not JSON with a member named csl.")
        }
        let query = try QueryText(text)
        let name = TableStore.Name(database: body["db"]?.text ?? "", table: query.table)
        guard let schema = cloud.tables.schema(name) else {
            throw OneAPIError.badRequest(
                type: "Kusto.Data.Exceptions.SemanticException",
                "Semantic error: 'where' operator: Failed to resolve table or column expression named '\(query.table)'")
        }
        switch query.operation {
        case .count:
            return Dataset(columns: [Dataset.Column(name: "Count", type: .long)], rows: [[.integer(cloud.tables.rowCount(name))]])
        case .all: return try rows(name, schema, .max)
        case .take(let limit): return try rows(name, schema, limit)
        }
    }

    private func rows(_ name: TableStore.Name, _ schema: TableStore.Schema, _ limit: Int) throws -> Dataset {
        let columns = schema.columns
        let rows = try cloud.tables.rows(name, limit: limit).map { row in
            zip(columns, row.cells).map { Self.json($0.type, $1) }
        }
        return Dataset(columns: columns.map { Dataset.Column(name: $0.name, type: $0.type) }, rows: rows)
    }

    private static func json(_ type: ColumnType, _ cell: Cell?) -> JSON {
        guard let cell else { return type == .string ? "" : .null }
        switch (type, cell) {
        case (.bool, .integer(let number)): return .bool(number != 0)
        case (.dynamic, .text(let text)): return JSON(parsing: text) ?? .string(text)
        case (_, .integer(let number)): return .integer(number)
        case (_, .real(let number)): return .number(String(number))
        case (_, .text(let text)): return .string(text)
        }
    }
}
