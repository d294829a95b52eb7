package import HTTPTransport
package import SpoolPrimitives

/// Writes, reads and deletes entities of tables that a SAS opens.
///
/// Errors are ``StorageError``; a cancelled task gets one whose cause is the transport's `cancelled`. Source: REST, Table service (reference:
/// azure-storage B3).
package struct TableClient: Sendable {
    private let exchange: StorageExchange

    /// - Parameter transport: carries every call.
    package init(_ transport: any HTTPTransport) { exchange = StorageExchange(transport: transport) }

    /// The most entities of one page.
    package static let longestPage = 1000

    /// Inserts an entity that is not there yet.
    ///
    /// A repeat of an insertion that worked is refused with `EntityAlreadyExists`, which says that it worked. Source: REST, Insert Entity.
    package func insert(
        _ entity: TableEntity, into table: SecretURL, clientRequestID: ClientRequestID? = nil
    ) async throws(StorageError) {
        var request = request(.post, table, body: entity.encoded)
        request.headers.append(HTTPHeader("Prefer", "return-no-content"))
        request.isRepeatable = true
        _ = try await exchange.send(request, clientRequestID: clientRequestID, version: Self.version, success: 204, 201)
    }

    /// One entity by its key. Source: REST, Query Entities.
    ///
    /// - Throws: `ResourceNotFound` where there is none.
    package func entity(
        _ key: TableKey, of table: SecretURL, clientRequestID: ClientRequestID? = nil
    ) async throws(StorageError) -> TableEntity {
        let request = request(.get, table.appendingToLastSegment(key.address))
        let response = try await exchange.send(request, clientRequestID: clientRequestID, version: Self.version, success: 200)
        guard let entity = TableEntity(try json(response, of: request)) else {
            throw unreadable("an entity without its key", response, of: request)
        }
        return entity
    }

    /// A page of the entities that a filter lets through, in the order of their keys, each with its etag. Source: REST, Query Entities; Payload format for
    /// Table service operations.
    ///
    /// - Parameters:
    ///   - select: the properties that are wanted besides the key; all where it is empty.
    ///   - atMost: 1 to ``longestPage``.
    ///   - continuation: of the page before.
    package func query(
        _ table: SecretURL, _ filter: TableFilter, select: [String] = [], atMost: Int = longestPage,
        after continuation: TableContinuation? = nil, clientRequestID: ClientRequestID? = nil
    ) async throws(StorageError) -> TablePage {
        precondition((1...Self.longestPage).contains(atMost))
        var parameters = "$filter=\(PercentEncoding.encode(filter.text))&$top=\(atMost)"
        if !select.isEmpty {
            parameters += "&$select=" + (["PartitionKey", "RowKey"] + select).map { PercentEncoding.encode($0) }.joined(separator: ",")
        }
        if let continuation {
            parameters += "&NextPartitionKey=\(PercentEncoding.encode(continuation.partition))"
            if let row = continuation.row { parameters += "&NextRowKey=\(PercentEncoding.encode(row))" }
        }
        var request = request(.get, table.appendingToLastSegment("()").prefixingQuery(parameters), metadata: "fullmetadata")
        request.limits.responseBody = .mebibytes(32)
        let response = try await exchange.send(request, clientRequestID: clientRequestID, version: Self.version, success: 200)
        guard let elements = try json(response, of: request)["value"]?.elements else {
            throw unreadable("no list of entities", response, of: request)
        }
        var entities: [TableEntity] = []
        for element in elements {
            guard let entity = TableEntity(element) else { throw unreadable("an entity without its key", response, of: request) }
            entities.append(entity)
        }
        let next = response.header("x-ms-continuation-NextPartitionKey").map {
            TableContinuation(partition: $0, row: response.header("x-ms-continuation-NextRowKey"))
        }
        return TablePage(entities: entities, size: ByteCount(Int64(response.body.count)), continuation: next)
    }

    /// Deletes an entity. Needs a SAS that may delete.
    ///
    /// A repeat of a deletion that worked is refused with `ResourceNotFound`. Source: REST, Delete Entity.
    ///
    /// - Parameter etag: of the state that may be deleted; another is refused with `UpdateConditionNotSatisfied`. Nil: whatever it has become meanwhile.
    package func delete(
        _ key: TableKey, etag: String?, of table: SecretURL, clientRequestID: ClientRequestID? = nil
    ) async throws(StorageError) {
        var request = request(.delete, table.appendingToLastSegment(key.address))
        request.headers.append(HTTPHeader("If-Match", etag ?? "*"))
        _ = try await exchange.send(request, clientRequestID: clientRequestID, version: Self.version, success: 204)
    }

    /// What the SDKs send to tables; see ``StorageExchange/version`` for how little it decides.
    private static let version = "2019-02-02"

    private func request(_ method: HTTPRequest.Method, _ url: SecretURL, metadata: String = "nometadata", body: [UInt8] = []) -> HTTPRequest
    {
        var headers = [HTTPHeader("Accept", "application/json;odata=\(metadata)"), HTTPHeader("DataServiceVersion", "3.0;NetFx")]
        if method == .post { headers.append(HTTPHeader("Content-Type", "application/json")) }
        return HTTPRequest(method, url, headers: headers, body: body)
    }

    private func json(_ response: HTTPResponse, of request: HTTPRequest) throws(StorageError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: response.body)
        } catch {
            throw unreadable("\(error)", response, of: request)
        }
    }

    private func unreadable(_ what: String, _ response: HTTPResponse, of request: HTTPRequest) -> StorageError {
        StorageError(
            operation: "\(request.method.rawValue) \(request.url.withoutQuery)", success: response, .unreadableReply(what))
    }
}
