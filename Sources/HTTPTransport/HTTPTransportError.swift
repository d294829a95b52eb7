/// Why there is no response, and what the server may have done all the same.
package struct HTTPTransportError: Error, Sendable {
    /// What the caller may conclude about the request's effect.
    package enum Processing: Sendable, Hashable {
        /// Not one byte of the request reached the server: refused connection, failed TLS, refused here.
        case surelyNot
        /// Some of it may have reached the server, and no status came back.
        case perhaps
        /// A status line came back, but the response could not be read to its end.
        case surely(status: Int)
    }

    package enum Reason: Sendable, Hashable {
        case nameNotResolved
        case connectionFailed
        case tlsFailed
        case timedOut
        case connectionLost
        case responseTooLarge
        case malformedResponse
        case refusedHere
        case cancelled
        case other
    }

    package var reason: Reason
    package var processing: Processing
    /// `PUT https://host/path`: the operation, without the query.
    package var operation: String
    /// The cause in the library's words and, where an operator can act, what to do.
    package var detail: String

    package init(reason: Reason, processing: Processing, operation: String, detail: String) {
        self.reason = reason
        self.processing = processing
        self.operation = operation
        self.detail = detail
    }
}

extension HTTPTransportError: CustomStringConvertible {
    package var description: String { "\(operation): \(detail)" }
}
