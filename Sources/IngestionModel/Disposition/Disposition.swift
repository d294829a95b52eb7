/// What an error on the way to the service means: the one place where it is decided (design.md, "Decisions in one place").
///
/// Sources: reference azure-storage §B4 for storage, kusto-queued-ingestion §1.9 for the management endpoint.
package enum Disposition: Sendable, Hashable {
    /// The account is fine or will be soon: the same resource after a delay.
    case retryHere
    /// Another storage account may do better: at once while there are others, then after a delay.
    case retryElsewhere
    /// The resource or its SAS is no longer good: refresh the snapshot, then try elsewhere.
    case refreshSnapshot
    /// The access token is no longer good: get another and try once more.
    case refreshToken
    /// Nothing was wrong with the place; what we sent was refused. Trying the same again would not mend it soon.
    case refused
}

/// A failed exchange, reduced to what its disposition depends on.
package struct Fault: Sendable, Hashable {
    /// The status where a response came, and the service's code for the error (`x-ms-error-code`, the XML's or OneApi's code).
    package var status: Int?
    package var code: String?
    /// OneApi's `@permanent`, where given.
    package var isPermanent: Bool?

    package init(status: Int?, code: String? = nil, isPermanent: Bool? = nil) {
        self.status = status
        self.code = code
        self.isPermanent = isPermanent
    }
}

extension Disposition {
    /// For blob, queue and table requests.
    package init(ofStorage fault: Fault) {
        guard let status = fault.status else {
            self = .retryElsewhere
            return
        }
        if let known = fault.code.flatMap({ Self.byStorageCode[$0] }) {
            self = known
            return
        }
        switch status {
        case 401, 403, 404: self = .refreshSnapshot
        case 408, 429, 500, 502, 503, 504: self = .retryElsewhere
        case 409: self = .retryElsewhere
        case 400, 411, 412, 413, 416, 501, 505: self = .refused
        case 500...: self = .retryElsewhere
        default: self = .refused
        }
    }

    /// For management commands.
    package init(ofManagement fault: Fault) {
        guard let status = fault.status else {
            self = .retryHere
            return
        }
        switch status {
        case 401: self = .refreshToken
        case 408, 429, 500...: self = .retryHere
        default: self = fault.isPermanent == false ? .retryHere : .refused
        }
    }
}

/// Whether Put Message may have put the message, whatever the reply was (protocol.md §3.5).
package enum PostOutcome: Sendable, Hashable {
    case accepted
    case surelyNot
    case perhaps

    /// - Parameters:
    ///   - status: of the reply, or nil when none came.
    ///   - code: `x-ms-error-code`.
    ///   - sentNothing: whether not one byte of the request left this machine.
    package init(status: Int?, code: String?, sentNothing: Bool) {
        guard let status else {
            self = sentNothing ? .surelyNot : .perhaps
            return
        }
        switch status {
        case 201: self = .accepted
        case 408, 500, 502, 504: self = .perhaps
        case 503:
            // Storage's own refusal carries its code; any other 503 comes from something in between, which may have passed the request on.
            self = code == "ServerBusy" ? .surelyNot : .perhaps
        case 400..<500: self = .surelyNot
        case 200..<300:
            // Not what a queue answers: something else took the request.
            self = .perhaps
        default: self = status >= 500 ? .perhaps : .surelyNot
        }
    }
}
