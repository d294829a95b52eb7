package import SpoolPrimitives

/// A bearer token and how long it is good for, by this machine's clock.
package struct AccessToken: Sendable, Hashable {
    /// The token itself.
    package var secret: Secret
    /// From then on it is refused.
    package var expiresOn: Timestamp
    /// From when on its issuer would like to be asked for another, where it says.
    package var refreshOn: Timestamp?

    /// - Parameter secret: the token itself, without `Bearer`.
    package init(_ secret: Secret, expiresOn: Timestamp, refreshOn: Timestamp? = nil) {
        self.secret = secret
        self.expiresOn = expiresOn
        self.refreshOn = refreshOn
    }

    /// The value of an Authorization header.
    package var bearer: Secret { Secret("Bearer \(secret.revealed)") }
}
