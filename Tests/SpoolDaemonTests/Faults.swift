import KustoEmulator

/// One thing that a server does instead of its duty.
struct Fault: Sendable, CustomStringConvertible {
    var description: String
    var action: FaultAction

    /// The statuses that the whole way is tried with.
    static let statuses = [401, 403, 404, 408, 409, 429, 500, 502, 503, 504]

    init(_ description: String, _ action: FaultAction) {
        self.description = description
        self.action = action
    }

    /// As storage says it.
    static func storage(_ status: Int, isQueue: Bool) -> Fault {
        let code: String? =
            switch status {
            case 401: "NoAuthenticationInformation"
            case 403: "AuthenticationFailed"
            case 404: isQueue ? "QueueNotFound" : "ContainerNotFound"
            case 409: isQueue ? "QueueBeingDeleted" : "ContainerBeingDeleted"
            case 500: "InternalError"
            case 503: "ServerBusy"
            default: nil
            }
        let body: FaultReply.Body = code.map { .storage(code: $0, message: "A fault was asked for.") } ?? .html("<html>\(status)</html>")
        return Fault("\(status)", .reply(FaultReply(status: status, body: body)))
    }

    /// As the data management endpoint says it, or a gateway before it.
    static func management(_ status: Int) -> Fault {
        let body: FaultReply.Body =
            status >= 502 || status == 408
            ? .html("<html>\(status)</html>")
            : .oneAPI(code: "Fault", type: "Kusto.Fault", message: "A fault was asked for.", permanent: (400..<429).contains(status))
        return Fault("\(status)", .reply(FaultReply(status: status, body: body)))
    }

    /// What is no answer at all.
    static let nonsense = [
        Fault("200 with HTML", .reply(FaultReply(status: 200, body: .html("<html>Welcome to this hotel's network</html>")))),
        Fault("200 with truncated JSON", .reply(FaultReply(status: 200, body: .truncatedJSON))),
        Fault("200 with nothing", .reply(FaultReply(status: 200))),
        Fault("a redirect", .reply(FaultReply(status: 302, headers: [("Location", "http://127.0.0.1:1/")], body: .empty))),
        Fault("a reset before the body", .resetBefore),
        Fault("a reset instead of the reply", .resetAfter),
    ]
}
