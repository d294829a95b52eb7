/// What a fault does to a request.
package enum FaultAction: Sendable {
    /// The reply comes instead of the endpoint's; the request is not acted upon.
    case reply(FaultReply)
    /// The connection is reset as soon as the request's head is there; the request is not acted upon.
    case resetBefore
    /// The request is acted upon, and the connection reset in place of a reply.
    case resetAfter
    /// No reply for that long, then the end of the connection; the request is not acted upon.
    case hang(Duration)
    /// The request is acted upon, and the reply comes that much later.
    case delay(Duration)
    /// The request is acted upon; of the reply's body only so many bytes come before the connection ends.
    case truncate(after: Int)
    /// The request is acted upon; the reply's body comes so many bytes at a time.
    case trickle(chunk: Int, pause: Duration)
    /// The request is acted upon; the reply's `Content-Length` is wrong by that. What is announced too much never comes; what is announced too little runs
    /// into the next reply of the connection.
    case misstateLength(by: Int)
    /// The request is acted upon, and the reply spoilt.
    case alter(ReplyAlteration)
    /// The request is acted upon, and its reply comes only when the source that it posted has its verdict: of use for `queue.put` alone.
    case verdictFirst
    /// Something happens to the cloud, and then the request is acted upon.
    case change([EmulatorChange])
}

/// Why a signature does not hold, as the detail of storage's error has it.
package enum AuthenticationFault: Sendable {
    /// Its time is over; the detail has the server's own time in it.
    case expired
    /// It is not that of the request.
    case signature
    /// It cannot be read.
    case malformed

    func error(_ now: Moment) -> StorageError {
        switch self {
        case .expired:
            let (start, end) = ((now - .seconds(43_200)).secondsText, (now - .seconds(1)).secondsText)
            return .authenticationFailed(
                "Signature not valid in the specified time frame: Start [\(start)] - Expiry [\(end)] - Current [\(now.rfc1123)]")
        case .signature: return .authenticationFailed("Signature did not match. String to sign used was rw\n\n2036-01-01T00:00:00Z\n")
        case .malformed: return .authenticationFailed("Signature fields not well formed.")
        }
    }
}

/// A reply made up by a fault.
package struct FaultReply: Sendable {
    /// The form of the body.
    package enum Body: Sendable {
        /// What storage says about a signature that does not hold.
        case authenticationFailed(AuthenticationFault)
        /// An error of Azure Storage in XML, with `x-ms-error-code`.
        case storage(code: String, message: String)
        /// An error of Kusto.
        case oneAPI(code: String, type: String, message: String, permanent: Bool)
        /// An error of Entra's token endpoint.
        case token(error: String, description: String)
        /// A page such as a proxy puts in the way.
        case html(String)
        /// JSON that ends in the middle.
        case truncatedJSON
        /// These bytes, with this content type.
        case raw(String, contentType: String)
        /// Nothing.
        case empty
    }

    /// The HTTP status.
    package var status: Int
    /// Added to the reply's headers.
    package var headers: [(name: String, value: String)]
    /// The body.
    package var body: Body

    /// A made-up reply.
    package init(status: Int, headers: [(name: String, value: String)] = [], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Storage's throttling reply.
    package static let serverBusy = FaultReply(
        status: 503, body: .storage(code: "ServerBusy", message: "The server is currently unable to receive requests."))

    func reply(_ dressing: StorageDressing, isTable: Bool = false) -> Reply {
        var reply: Reply
        switch body {
        case .authenticationFailed(let fault): reply = dressing.reply(fault.error(dressing.now))
        case .storage(let code, let message):
            let error = StorageError(status, code, message)
            reply = isTable ? dressing.tableReply(error, plainJSON: false) : dressing.reply(error)
        case .oneAPI(let code, let type, let message, let permanent):
            reply = .json(status, OneAPIError(code: code, type: type, message: message, isPermanent: permanent, status: status).json)
        case .token(let error, let description):
            reply = .json(status, ["error": .string(error), "error_description": .string(description)])
        case .html(let text): reply = .text(status, text, type: "text/html")
        case .truncatedJSON:
            reply = .text(status, "{\"Tables\":[{\"TableName\":\"Table_0\",\"Columns\":[{\"ColumnNa", type: "application/json")
        case .raw(let text, let type): reply = .text(status, text, type: type)
        case .empty: reply = .empty(status)
        }
        reply.headers += headers
        return reply
    }
}
