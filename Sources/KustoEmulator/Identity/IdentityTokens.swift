import NIOConcurrencyHelpers

/// The tokens of `.get kusto identity token`, which come back as a message's `authorizationContext`.
final class IdentityTokens: Sendable {
    private let clock: EmulatorClock
    private let settings: SettingsBox
    private let log: StateLog
    private let issued = NIOLockedValueBox<[String: Moment]>([:])

    init(clock: EmulatorClock, settings: SettingsBox, log: StateLog) {
        self.clock = clock
        self.settings = settings
        self.log = log
    }

    func issue() -> String {
        // Characters that JSON must not lose and that a careless URL would.
        let token = "kusto-identity+\(Identifier.guid())/" + Identifier.guid() + "=="
        let expiry = clock.now + settings.now.identityTokenLifetime
        issued.withLockedValue { $0[token] = expiry }
        log.append(StateRecord("identity", [("token", .string(token)), ("expires", expiry.json)]))
        return token
    }

    func accepts(_ token: String) -> Bool {
        guard let expiry = issued.withLockedValue({ $0[token] }) else { return false }
        return clock.now < expiry
    }

    /// Makes every token given out so far a stale one.
    func revokeAll() {
        issued.withLockedValue { $0.removeAll() }
        log.append(StateRecord("identities-gone", []))
    }

    /// The tokens that hold, to be kept over a restart.
    var living: [String: Moment] {
        let now = clock.now
        return issued.withLockedValue { $0.filter { $0.value > now } }
    }

    func restore(_ tokens: [String: Moment]) { issued.withLockedValue { $0.merge(tokens) { first, _ in first } } }
}
