package import SpoolPrimitives

/// A bearer token and how long it is good for, by this machine's clock.
package struct AccessToken: Sendable, Hashable {
    package var secret: Secret
    package var expiresOn: Timestamp
    /// From when on its issuer would like to be asked for another, where it says.
    package var refreshOn: Timestamp?

    package init(_ secret: Secret, expiresOn: Timestamp, refreshOn: Timestamp? = nil) {
        self.secret = secret
        self.expiresOn = expiresOn
        self.refreshOn = refreshOn
    }

    /// The value of an Authorization header.
    package var bearer: Secret { Secret("Bearer \(secret.revealed)") }
}
