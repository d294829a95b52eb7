import NIOConcurrencyHelpers

/// The tokens that the token endpoint has issued, and whether they still hold.
final class BearerTokens: Sendable {
    private let clock: EmulatorClock
    private let settings: SettingsBox
    private let log: StateLog
    private let fixed: String?
    private let issued = NIOLockedValueBox<[String: Moment]>([:])

    init(clock: EmulatorClock, settings: SettingsBox, log: StateLog, fixed: String?) {
        self.clock = clock
        self.settings = settings
        self.log = log
        self.fixed = fixed
    }

    func issue() -> (token: String, seconds: Int) {
        // Shaped like a JWT, because some clients look into their tokens; nothing here reads it back.
        let claims: JSON = ["iss": "kusto-emulator", "jti": .string(Identifier.guid())]
        let token = [#"{"alg":"none","typ":"JWT"}"#, claims.encoded, Identifier.guid()].map { Digests.base64URL(Array($0.utf8)) }
        let text = token.joined(separator: ".")
        let lifetime = settings.now.tokenLifetime
        let expiry = clock.now + lifetime
        issued.withLockedValue { $0[text] = expiry }
        log.append(StateRecord("bearer", [("token", .string(text)), ("expires", expiry.json)]))
        return (text, Int(lifetime.components.seconds))
    }

    /// Withdraws every token issued so far.
    func revokeAll() {
        issued.withLockedValue { $0.removeAll() }
        log.append(StateRecord("bearers-gone", []))
    }

    /// The tokens that hold, to be kept over a restart.
    var living: [String: Moment] {
        let now = clock.now
        return issued.withLockedValue { $0.filter { $0.value > now } }
    }

    func restore(_ tokens: [String: Moment]) { issued.withLockedValue { $0.merge(tokens) { first, _ in first } } }

    func accepts(_ request: Request) -> Bool {
        guard let header = request[header: "Authorization"], header.lowercased().hasPrefix("bearer ") else { return false }
        let token = String(header.dropFirst(7))
        if let fixed, token == fixed { return true }
        guard let expiry = issued.withLockedValue({ $0[token] }) else { return false }
        return clock.now < expiry
    }
}

extension Digests {
    static func base64URL(_ bytes: [UInt8]) -> String {
        base64(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
