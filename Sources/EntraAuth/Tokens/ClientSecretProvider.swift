package import HTTPTransport
package import SpoolPrimitives

/// An application's client secret, exchanged for tokens at the v2 endpoint (reference: kusto-queued-ingestion §8.1).
///
/// The secret is read from its file for every exchange, so that a rotated one is found without a restart. It is sent to trusted login hosts
/// only.
package struct ClientSecretProvider: TokenProvider {
    private let transport: any HTTPTransport
    private let tenant: String
    private let clientID: String
    private let secretFile: SecretFile
    private let trusted: TrustedEndpoints
    private let time: any TimeSource

    /// - Parameter tenant: id or domain.
    package init(
        transport: any HTTPTransport, tenant: String, clientID: String, secretFile: SecretFile,
        trusted: TrustedEndpoints = TrustedEndpoints(),
        time: any TimeSource = SystemTime()
    ) {
        self.transport = transport
        self.tenant = tenant
        self.clientID = clientID
        self.secretFile = secretFile
        self.trusted = trusted
        self.time = time
    }

    /// See ``TokenProvider/token(for:)``. The secret's file is read on a thread of its own.
    package func token(for audience: TokenAudience) async throws(AuthError) -> AccessToken {
        let endpoint = audience.loginEndpoint.appendingPath("\(PercentEncoding.encode(tenant))/oauth2/v2.0/token")
        try trusted.check(login: endpoint)
        let secret: Secret
        do throws(SecretFileError) {
            secret = try await secretFile.load().secret
        } catch {
            throw AuthError(operation: "client secret", .secretUnavailable(error.description))
        }
        let form = [
            ("grant_type", "client_credentials"), ("client_id", clientID), ("client_secret", secret.revealed), ("scope", audience.scope),
        ]
        return try await TokenEndpoint(transport: transport, time: time).exchange(form, at: endpoint, secrets: [secret])
    }
}
