package import SpoolPrimitives

/// Where management commands get their bearer token from: two closures, so that this module knows no kind of credential.
package struct AccessTokenSource: Sendable {
    /// A token for the endpoint's audience, from a cache where there is one.
    package let token: @Sendable () async throws -> Secret
    /// The service refused this token: forget it, if it is still the cached one.
    package let tokenRejected: @Sendable (Secret) async -> Void

    package init(token: @escaping @Sendable () async throws -> Secret, tokenRejected: @escaping @Sendable (Secret) async -> Void) {
        self.token = token
        self.tokenRejected = tokenRejected
    }
}
