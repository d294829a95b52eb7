package import HTTPTransport
package import OpenSSLCrypto
package import SpoolPrimitives

/// Why a call to storage did not succeed. What to do about it is decided elsewhere.
///
/// It keeps no query, and of a reply's body two lines that are known to be harmless: Azure puts the text that a signature was made of into
/// its refusals.
package struct StorageError: Error, Sendable {
    /// What happened, in kinds.
    package enum Cause: Sendable, Hashable {
        /// No whole reply: ``HTTPTransportError``'s reason, and its words.
        case transport(HTTPTransportError.Reason, String)
        /// The service said no.
        case refused
        /// The service took other bytes than we sent.
        case digestMismatch(ours: MD5Digest, theirs: MD5Digest)
        /// A reply that says success and cannot be understood.
        case unreadableReply(String)
        /// Refused before it was sent.
        case refusedHere(String)
    }

    /// What is wrong with a SAS, as far as the service tells; its own text quotes the signed string and is not kept.
    package enum AuthenticationFault: Sendable, Hashable {
        case outsideItsTime
        case signatureMismatch
        case malformed
    }

    /// `PUT https://host/path`, without the query.
    package var operation: String
    /// What happened.
    package var cause: Cause
    /// Of the reply; nil where none came.
    package var status: Int?
    /// The service's word for a refusal; nil where the reply is not the service's, a proxy's for instance.
    package var code: StorageErrorCode?
    /// The first line of the service's message.
    package var message: String?
    /// Where the code is `AuthenticationFailed` and the service says why.
    package var authenticationFault: AuthenticationFault?
    /// How long the service asks to be left alone.
    package var retryAfter: Duration?
    /// The server's clock when it answered.
    package var serverDate: Timestamp?
    /// The service's name for the call.
    package var requestID: String?
    /// Whether the call may have had its effect all the same.
    package var processing: HTTPTransportError.Processing

    /// A failure that the transport reports.
    init(transport error: HTTPTransportError) {
        operation = error.operation
        cause = .transport(error.reason, error.detail)
        processing = error.processing
        if case .surely(let status) = error.processing { self.status = status }
    }

    /// A call that we do not make.
    init(operation: String, refusedHere why: String) {
        self.operation = operation
        cause = .refusedHere(why)
        processing = .surelyNot
    }

    /// A success that is none.
    init(operation: String, success response: HTTPResponse, _ cause: Cause) {
        self.operation = operation
        self.cause = cause
        status = response.status
        serverDate = response.serverDate
        requestID = response.header("x-ms-request-id")
        processing = .surely(status: response.status)
    }
}

extension StorageError: CustomStringConvertible {
    /// Operation, what happened, the service's code and words, and what an operator can do.
    package var description: String {
        var text = operation
        switch cause {
        case .transport(_, let detail): text += ": \(detail)"
        case .refused:
            text += ": status \(status ?? 0)"
            if let code { text += " \(code)" }
            if let message { text += ": \(message)" }
        case .digestMismatch(let ours, let theirs): text += ": the service received other bytes than were sent (MD5 \(theirs), not \(ours))"
        case .unreadableReply(let what): text += ": the reply (status \(status ?? 0)) cannot be understood: \(what)"
        case .refusedHere(let why): text += ": not sent: \(why)"
        }
        if let requestID { text += " (request \(requestID))" }
        if let hint { text += "; \(hint)" }
        return text
    }
}
