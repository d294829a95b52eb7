import EntraAuth
import HTTPTransport
import KustoIngest
import KustoWire
import Logging
import SpoolConfiguration
import SpoolPrimitives

/// Makes the configured credential into a source of bearer tokens.
struct Credentials: Sendable {
    let settings: ClusterSettings
    let transport: any HTTPTransport
    let time: any TimeSource
    let logger: Logger

    /// - Throws: when the credential's file cannot be read now: an operator should learn that at the start.
    func tokenSource() async throws(DaemonFailure) -> AccessTokenSource {
        let trusted = TrustedEndpoints(extra: settings.trustedHosts)
        do throws(AuthError) {
            try trusted.check(service: settings.endpoint.url)
            if let engine = settings.engine { try trusted.check(service: engine.url) }
        } catch {
            throw DaemonFailure(.configuration, error.description)
        }
        let provider: any TokenProvider
        switch settings.credential {
        case .staticToken(let reference):
            provider = StaticTokenProvider(try await read(reference))
        case .clientSecret(let tenant, let clientID, let reference):
            _ = try await read(reference)
            provider = ClientSecretProvider(
                transport: transport, tenant: tenant, clientID: clientID, secretFile: try file(reference), trusted: trusted, time: time)
        }
        let cache = TokenCache(provider, time: time)
        let metadata = CloudMetadataSource(transport, trusted: trusted)
        let endpoint = settings.endpoint
        return AccessTokenSource(
            token: {
                let cloud = try await metadata.metadata(of: endpoint.url)
                return try await cache.token(for: cloud.audience).secret
            },
            // The cache holds one audience's token; whichever was refused, another is asked for.
            tokenRejected: { _ in await cache.invalidate() })
    }

    private func file(_ reference: SecretReference) throws(DaemonFailure) -> SecretFile {
        do throws(SecretFileError) {
            return try SecretFile(reference.description)
        } catch {
            throw DaemonFailure(.configuration, error.description)
        }
    }

    private func read(_ reference: SecretReference) async throws(DaemonFailure) -> Secret {
        let file = try file(reference)
        do throws(SecretFileError) {
            let contents = try await file.load()
            if let warning = contents.warning { logger.warning("the credential is not well kept", metadata: ["reason": "\(warning)"]) }
            return contents.secret
        } catch {
            throw DaemonFailure(
                .noPermission, "cluster.credential cannot be read: \(error). See 'namei -l' for it and for the daemon's user")
        }
    }
}
