package import KustoWire

/// Asks the engine for the failures that it remembers.
package struct FailureList: Sendable {
    /// Names in one command.
    package static let atMost = 32
    private let client: ManagementClient

    /// - Parameter client: of the query endpoint; the data management endpoint does not have the command.
    package init(_ client: ManagementClient) { self.client = client }

    /// What is remembered about blobs whose path has one of these names in it; nothing proves nothing.
    ///
    /// - Parameter names: at most ``atMost``, of letters, digits and hyphens.
    package func failures(naming names: [String]) async throws(ManagementError) -> [RecordedFailure] {
        let request = ManagementRequest.ingestionFailures(naming: names)
        let reply = try await client.execute(request)
        do {
            return try RecordedFailure.list(decoding: reply.response)
        } catch {
            throw client.failure(of: .ingestionFailures(naming: []), .reply(error))
        }
    }
}
