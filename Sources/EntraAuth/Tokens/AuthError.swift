package import HTTPTransport
import SpoolPrimitives

/// Why there is no token, or no word on where to get one.
package struct AuthError: Error, Sendable {
    /// What happened, in kinds.
    package enum Kind: Sendable, Hashable {
        /// No whole reply: the transport's reason and words.
        case transport(HTTPTransportError.Reason, String)
        /// The issuer said no.
        case refused(status: Int)
        case unreadableReply(String)
        /// A host that no token or secret is sent to.
        case untrusted(String)
        case secretUnavailable(String)
        case cancelled
    }

    /// `POST https://host/path`, or what was to be done.
    package var operation: String
    /// What happened.
    package var kind: Kind
    /// OAuth's word for it: `invalid_client`.
    package var code: String?
    /// Entra's number: 7000215 for AADSTS7000215.
    package var aadsts: Int?
    /// The first line of the issuer's description.
    package var message: String?
    /// The issuer's name for the exchange, for a support case.
    package var correlationID: String?
    /// How long the issuer asks to be left alone.
    package var retryAfter: Duration?

    /// A failure of this side's making, or of a provider's own.
    package init(operation: String, _ kind: Kind) {
        self.operation = operation
        self.kind = kind
    }

    /// A failure that the transport reports; `cancelled` becomes the kind of that name.
    package init(transport error: HTTPTransportError) {
        self.init(operation: error.operation, error.reason == .cancelled ? .cancelled : .transport(error.reason, error.detail))
    }

    static let cancelled = AuthError(operation: "token", .cancelled)

    /// Whether the calling task was cancelled: nobody else's failure.
    package var isCancellation: Bool { kind == .cancelled }

    /// Whether the same exchange may succeed later without anybody's doing. A wrong secret does not, until an operator acts.
    package var isTransient: Bool {
        switch kind {
        case .transport, .unreadableReply, .cancelled: true
        case .refused(let status): status == 408 || status == 429 || status >= 500 || aadsts == 90_033 || aadsts == 50_196
        case .untrusted, .secretUnavailable: false
        }
    }
}

extension AuthError: CustomStringConvertible {
    package var description: String {
        var text = operation
        switch kind {
        case .transport(_, let detail): text += ": \(detail)"
        case .refused(let status):
            text += ": status \(status)"
            if let code { text += " \(code)" }
            if let message { text += ": \(message)" }
        case .unreadableReply(let what): text += ": the reply cannot be understood: \(what)"
        case .untrusted(let why): text += ": \(why)"
        case .secretUnavailable(let why): text += ": \(why)"
        case .cancelled: text += ": cancelled"
        }
        if let correlationID { text += " (correlation \(correlationID))" }
        if let hint { text += "; \(hint)" }
        return text
    }
}
