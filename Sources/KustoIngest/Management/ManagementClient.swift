package import HTTPTransport
package import KustoWire
package import SpoolPrimitives

/// Sends management commands to a data management endpoint.
///
/// One request a command; a 401 costs the token and is tried once more with a new one. Everything else is the caller's to repeat: ``RefreshSchedule``
/// says when. Source: reference: kusto-queued-ingestion §1.
package struct ManagementClient: Sendable {
    package let endpoint: IngestEndpoint
    private let transport: any HTTPTransport
    private let credential: AccessTokenSource
    private let client: ClientIdentity
    private let random: RandomSource
    private let limits: HTTPLimits

    package init(
        endpoint: IngestEndpoint, transport: any HTTPTransport, credential: AccessTokenSource, client: ClientIdentity,
        random: RandomSource = .system, limits: HTTPLimits = .standard
    ) {
        self.endpoint = endpoint
        self.transport = transport
        self.credential = credential
        self.client = client
        self.random = random
        self.limits = limits
    }

    /// A command's tables, and the service's clock when it replied.
    package struct Reply: Sendable {
        package var response: ManagementResponse
        package var serverDate: Timestamp?
    }

    /// Executes one command.
    ///
    /// - Throws: with the operation, the endpoint and the service's own text; see ``ManagementError/isPermanent``.
    package func execute(_ request: ManagementRequest) async throws(ManagementError) -> Reply {
        let first = try await token(for: request)
        let reply = try await send(request, token: first)
        guard reply.status == 401 else { return try read(reply, of: request) }
        await credential.tokenRejected(first)
        let second = try await token(for: request)
        return try read(try await send(request, token: second), of: request)
    }

    private func token(for request: ManagementRequest) async throws(ManagementError) -> Secret {
        do {
            return try await credential.token()
        } catch {
            throw failure(of: request, Task.isCancelled ? .cancelled : .token(error))
        }
    }

    private func send(_ request: ManagementRequest, token: Secret) async throws(ManagementError) -> HTTPResponse {
        var headers = ManagementRequest.headers(requestID: ManagementRequest.requestID(random), client: client)
            .map { HTTPHeader($0.name, $0.value) }
        headers.append(HTTPHeader("Authorization", secret: Secret("Bearer \(token.revealed)")))
        do {
            return try await transport.send(
                HTTPRequest(.post, endpoint.managementURL, headers: headers, body: request.body, limits: limits))
        } catch {
            if case .cancelled = error.reason { throw failure(of: request, .cancelled) }
            throw failure(of: request, .transport(error))
        }
    }

    private func read(_ reply: HTTPResponse, of request: ManagementRequest) throws(ManagementError) -> Reply {
        guard reply.status == 200 else {
            throw failure(of: request, .status(reply.status, OneApiError(decoding: reply.body)), reply: reply)
        }
        do {
            return Reply(response: try ManagementResponse(decoding: reply.body), serverDate: reply.serverDate)
        } catch {
            throw failure(of: request, .reply(error), reply: reply)
        }
    }

    /// The error of one of this client's operations.
    func failure(of request: ManagementRequest, _ reason: ManagementError.Reason, reply: HTTPResponse? = nil) -> ManagementError {
        ManagementError(
            operation: "\(request.command) at \(endpoint)", reason: reason, serverDate: reply?.serverDate,
            retryAfter: reply.flatMap(RetryAfter.delay(of:)), activityID: reply?.header("x-ms-activity-id"))
    }
}
