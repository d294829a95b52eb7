import FoundationEssentials
import SpoolPrimitives

/// A token endpoint's reply. Its numbers come as numbers from v2, and as strings from v1 and from managed identities.
struct TokenReply: Decodable {
    private let accessToken: String
    private let expiresIn: LooseInteger?
    private let expiresOn: LooseInteger?
    private let refreshIn: LooseInteger?
    private let refreshOn: LooseInteger?

    private enum CodingKeys: String, CodingKey {
        case accessToken = "access_token"
        case expiresIn = "expires_in"
        case expiresOn = "expires_on"
        case refreshIn = "refresh_in"
        case refreshOn = "refresh_on"
    }

    /// Nil for what is not such a reply.
    init?(_ body: [UInt8]) {
        do {
            self = try JSONDecoder().decode(TokenReply.self, from: Data(body))
        } catch {
            return nil
        }
    }

    /// Nil without a token or a lifetime.
    ///
    /// - Parameter asked: before the request was sent, so that the token is never thought to live longer than it does.
    func token(asked: Timestamp) -> AccessToken? {
        guard !accessToken.isEmpty else { return nil }
        // A span is counted by our own clock, and hence preferred: an instant is told by somebody else's.
        guard let expires = Self.instant(span: expiresIn, instant: expiresOn, asked) else { return nil }
        let refresh = Self.instant(span: refreshIn, instant: refreshOn, asked)
        return AccessToken(Secret(accessToken), expiresOn: expires, refreshOn: refresh)
    }

    private static func instant(span: LooseInteger?, instant: LooseInteger?, _ asked: Timestamp) -> Timestamp? {
        let century: Int64 = 100 * 366 * 86_400
        if let span = span?.value, (0...century).contains(span) { return asked + .seconds(span) }
        if let instant = instant?.value, (0...(2 * century)).contains(instant) { return Timestamp(seconds: instant) }
        return nil
    }
}

/// An integer, written as a number or as a string of digits; anything else is nil.
struct LooseInteger: Decodable {
    let value: Int64?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            value = try container.decode(Int64.self)
        } catch {
            do {
                value = Int64(try container.decode(String.self))
            } catch {
                value = nil
            }
        }
    }
}
