package import HTTPTransport
package import KustoWire
package import SpoolPrimitives

/// Why a management command, or a refresh made of them, gave no answer. Free of secrets.
package struct ManagementError: Error, Sendable {
    package enum Reason: Sendable {
        /// No token could be had.
        case token(any Error)
        /// No response could be had.
        case transport(HTTPTransportError)
        /// A status other than 200.
        case status(Int, OneApiError)
        /// A status of 200 whose body is no answer.
        case reply(ManagementResponseError)
        /// An answer without what ingestion needs.
        case resources(ResourceSnapshotError)
        /// The whole refresh took too long.
        case deadline(Duration)
        case cancelled
    }

    /// `.get ingestion resources at https://…`.
    package var operation: String
    package var reason: Reason
    /// The server's clock, where it replied at all.
    package var serverDate: Timestamp?
    /// How long the server asks to be left alone.
    package var retryAfter: Duration?
    /// The reply's `x-ms-activity-id`: what support asks for.
    package var activityID: String?

    package init(
        operation: String, reason: Reason, serverDate: Timestamp? = nil, retryAfter: Duration? = nil, activityID: String? = nil
    ) {
        self.operation = operation
        self.reason = reason
        self.serverDate = serverDate
        self.retryAfter = retryAfter
        self.activityID = activityID
    }

    /// The HTTP status, where there is one.
    package var status: Int? {
        switch reason {
        case .status(let status, _): status
        case .transport(let error):
            if case .surely(let status) = error.processing { status } else { nil }
        case .reply, .resources: 200
        case .token, .deadline, .cancelled: nil
        }
    }

    /// The service's own words.
    package var service: OneApiError? {
        if case .status(_, let error) = reason { error } else { nil }
    }

    /// Whether somebody must act before a repetition can succeed. The daemon repeats all the same, since nothing is cached for ever (P8): this
    /// decides how loudly it says so.
    ///
    /// The service's `@permanent` counts and not the class of the status, for a 400 may be transient; 429 is transient whatever it says, and the wrong
    /// endpoint is permanent though it says otherwise. Where the body is silent: 401, 403, 404 and other 4xx of something that is not the service
    /// are permanent, its own and 5xx are transient (reference: kusto-queued-ingestion §1.9).
    package var isPermanent: Bool {
        switch reason {
        case .status(429, _): return false
        case .status(let status, let error):
            if error.isWrongEndpoint { return true }
            if let permanent = error.permanent { return permanent }
            if status == 401 || status == 403 { return true }
            switch error.form {
            case .service: return false
            case .gateway, .text, .empty: return (300..<500).contains(status) && status != 408
            }
        case .token, .transport, .reply, .resources, .deadline, .cancelled: return false
        }
    }

    package var isCancelled: Bool {
        if case .cancelled = reason { true } else { false }
    }
}

extension ManagementError: CustomStringConvertible {
    package var description: String {
        let activity = activityID.map { " (activity \($0))" } ?? ""
        return "\(operation): \(cause)\(hint.map { "; \($0)" } ?? "")\(activity)"
    }

    private var cause: String {
        switch reason {
        case .token(let error): "no access token: \(error)"
        case .transport(let error): error.detail
        case .status(let status, let error): "HTTP \(status): \(error.summary)"
        case .reply(let error): error.description
        case .resources(let error): error.description
        case .deadline(let duration): "no answer within \(duration)"
        case .cancelled: "cancelled"
        }
    }

    /// What an operator can do.
    package var hint: String? {
        guard case .status(let status, let error) = reason else { return nil }
        if error.isWrongEndpoint {
            let named = error.namedEndpoint.map { ": \($0)" } ?? ""
            return "cluster.ingestion_uri is a query endpoint, write the data management endpoint instead\(named)"
        }
        switch status {
        case 401: return "check cluster.credential and the tenant"
        case 403: return "the principal needs at least the Database Ingestor or Table Ingestor role"
        case 404: return "check cluster.ingestion_uri"
        case 300..<400: return "redirects are not followed; check cluster.ingestion_uri"
        case 412: return "the cluster may be suspended"
        default: return nil
        }
    }
}
