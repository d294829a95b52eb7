package import SpoolPrimitives

/// What a token is for, and who issues it.
package struct TokenAudience: Sendable, Hashable {
    /// Where the issuer lives: `https://login.microsoftonline.com`.
    package var loginEndpoint: SecretURL
    /// The service: `https://kusto.kusto.windows.net`, without a slash at the end.
    package var resource: String

    /// - Parameter resource: without `/.default`.
    package init(loginEndpoint: SecretURL, resource: String) {
        self.loginEndpoint = loginEndpoint
        self.resource = resource
    }

    /// As the v2 endpoint wants it.
    package var scope: String { "\(resource)/.default" }
}

/// A way to get a token: a secret, a certificate, the machine's identity.
package protocol TokenProvider: Sendable {
    /// Gets a token from its issuer. Nothing is kept: see ``TokenCache``.
    ///
    /// - Throws: ``AuthError``; a cancelled task gets one of kind `cancelled`.
    func token(for audience: TokenAudience) async throws(AuthError) -> AccessToken
}

/// A token that somebody else got, for the emulator and for trials.
package struct StaticTokenProvider: TokenProvider {
    private let accessToken: AccessToken

    /// - Parameter expiresOn: nil when it is not known; the service then says so by refusing it.
    package init(_ secret: Secret, expiresOn: Timestamp? = nil) {
        accessToken = AccessToken(secret, expiresOn: expiresOn ?? Timestamp(microseconds: .max))
    }

    /// Always the same, for whatever audience.
    package func token(for audience: TokenAudience) async throws(AuthError) -> AccessToken { accessToken }
}
