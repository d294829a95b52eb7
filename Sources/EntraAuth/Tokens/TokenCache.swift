package import SpoolPrimitives

/// Keeps tokens, asks for new ones in time, and asks once however many want one.
///
/// A token with less than five minutes left is renewed before it is given out; from the instant on that its issuer names, it is renewed
/// early, while others go on with the old one. When renewal fails, the old token serves until it expires.
package actor TokenCache: TokenProvider {
    private struct Entry {
        var token: AccessToken
        /// After a failed renewal: not to be tried again before.
        var nextTry: Timestamp?
    }

    private final class Flight {
        var waiters: [Signal] = []
        var failure: AuthError?
    }

    private let provider: any TokenProvider
    private let time: any TimeSource
    private var entries: [TokenAudience: Entry] = [:]
    private var flights: [TokenAudience: Flight] = [:]

    /// What MSAL leaves (reference: kusto-queued-ingestion §8.7).
    private static let margin = Duration.seconds(300)
    /// Between attempts to renew a token that is still good.
    private static let pause = Duration.seconds(30)

    /// - Parameter time: judges lifetimes; the wall clock's jumps are forgiven at the next renewal.
    package init(_ provider: any TokenProvider, time: any TimeSource = SystemTime()) {
        self.provider = provider
        self.time = time
    }

    /// A token that is good now.
    ///
    /// - Throws: what the provider threw, when there is no token that still serves; `cancelled` when the calling task is.
    package func token(for audience: TokenAudience) async throws(AuthError) -> AccessToken {
        while true {
            if Task.isCancelled { throw .cancelled }
            let now = time.wallNow
            switch state(of: audience, at: now) {
            case .good(let token): return token
            case .wanted: break
            }
            guard let flight = flights[audience] else { return try await fetch(audience) }
            let landed = Signal()
            flight.waiters.append(landed)
            await landed.wait()
            if Task.isCancelled { throw .cancelled }
            // Whoever fetched may have been cancelled, which is not this caller's failure: then it tries itself.
            if let failure = flight.failure, !failure.isCancellation { return try fallBack(audience, failure) }
        }
    }

    /// Forgets every token: the service has refused one.
    package func invalidate() { entries = [:] }

    /// Forgets the token that the service refused, unless it has been replaced meanwhile.
    package func invalidate(_ refused: AccessToken) {
        for (audience, entry) in entries where entry.token.secret == refused.secret { entries[audience] = nil }
    }

    private enum State {
        case good(AccessToken)
        /// None, or one that should be renewed before it is used.
        case wanted
    }

    private func state(of audience: TokenAudience, at now: Timestamp) -> State {
        guard let entry = entries[audience], entry.token.expiresOn > now else { return .wanted }
        let isExpiring = entry.token.lifetime(from: now) < Self.margin
        let isRefreshDue = entry.token.refreshOn.map { $0 <= now } ?? false
        if !isExpiring, !isRefreshDue { return .good(entry.token) }
        if let nextTry = entry.nextTry, now < nextTry { return .good(entry.token) }
        // The early renewal is one caller's business; the others have a good token.
        if !isExpiring, flights[audience] != nil { return .good(entry.token) }
        return .wanted
    }

    private func fetch(_ audience: TokenAudience) async throws(AuthError) -> AccessToken {
        let flight = Flight()
        flights[audience] = flight
        defer {
            flights[audience] = nil
            for waiter in flight.waiters { waiter.raise() }
        }
        do throws(AuthError) {
            let token = try await provider.token(for: audience)
            entries[audience] = Entry(token: token)
            return token
        } catch {
            flight.failure = error
            if error.isCancellation { throw error }
            entries[audience]?.nextTry = time.wallNow + Self.pause
            return try fallBack(audience, error)
        }
    }

    private func fallBack(_ audience: TokenAudience, _ failure: AuthError) throws(AuthError) -> AccessToken {
        guard let entry = entries[audience], entry.token.expiresOn > time.wallNow else { throw failure }
        return entry.token
    }
}

extension AccessToken {
    /// Without overflow for a token that never expires.
    fileprivate func lifetime(from now: Timestamp) -> Duration {
        .microseconds(expiresOn.microseconds.subtractingReportingOverflow(now.microseconds).partialValue)
    }
}
