extension FaultReply {
    /// Errors by the names that their services give them, for fault plans that need not spell out a reply: `AuthorizationFailure`, `ServerBusy` …
    ///
    /// Where one code has several texts, the name has a suffix: `AuthenticationFailed.expired`, `AuthenticationFailed.signature`. What Kusto and Entra say
    /// begins with their names. Source: the lists of error codes of the storage services, of the data management service, and of Entra.
    package static let known: [String: FaultReply] = {
        var known: [String: FaultReply] = [
            "AuthenticationFailed.expired": FaultReply(status: 403, body: .authenticationFailed(.expired)),
            "AuthenticationFailed.signature": FaultReply(status: 403, body: .authenticationFailed(.signature)),
            "AuthenticationFailed.malformed": FaultReply(status: 403, body: .authenticationFailed(.malformed)),
            "TooManyRequests": FaultReply(status: 429, body: .storage(code: "TooManyRequests", message: "Too many requests.")),
            "RequestTimeout": FaultReply(status: 408, body: .html("<html><body><h1>408 Request Time-out</h1></body></html>")),
            "BadGateway": FaultReply(status: 502, body: .html("<html><body><h1>502 Bad Gateway</h1></body></html>")),
            "GatewayTimeout": FaultReply(status: 504, body: .html("<html><body><h1>504 Gateway Time-out</h1></body></html>")),
            "Kusto.Throttled": kusto(429, "Throttled", "KustoRequestThrottledException", "The request is denied due to throttling.", false),
            "Kusto.InternalError": kusto(520, "Internal service error", "InternalServiceError", "Internal service error", false),
            "Kusto.TransientBadRequest": kusto(400, "BadRequest", "TransientException", "The service could not do it now.", false),
            "Kusto.BadRequest": kusto(400, "BadRequest", "BadRequestException", "The request is bad.", true),
            "Kusto.Forbidden": kusto(403, "Forbidden", "ForbiddenException", "Principal is not authorized to perform operation.", true),
            "Kusto.Suspended": kusto(412, "PreconditionFailed", "ClusterSuspendedException", "The cluster is suspended.", true),
            "Kusto.Unauthorized": FaultReply(status: 401, headers: [("WWW-Authenticate", "Bearer")]),
            "Entra.InvalidClient": FaultReply(
                status: 401, body: .token(error: "invalid_client", description: "AADSTS7000215: Invalid client secret provided.")),
            "Entra.SecretExpired": FaultReply(
                status: 401,
                body: .token(error: "invalid_client", description: "AADSTS7000222: The provided client secret keys are expired.")),
            "Entra.Unavailable": FaultReply(
                status: 503,
                body: .token(
                    error: "temporarily_unavailable", description: "AADSTS90033: A transient error has occurred. Please try again.")),
        ]
        for error in storage {
            known[error.code] = FaultReply(status: error.status, body: .storage(code: error.code, message: error.message))
        }
        return known
    }()

    private static let storage: [StorageError] = [
        .noAuthentication, .authorizationFailure, .authorizationPermissionMismatch, .authorizationProtocolMismatch,
        .authorizationSourceIPMismatch, .authorizationServiceMismatch, .authorizationResourceTypeMismatch, .resourceNotFound,
        .containerNotFound, .queueNotFound, .tableNotFound, .blobNotFound, .messageNotFound, .blobAlreadyExists, .entityAlreadyExists,
        .conditionNotMet, .updateConditionNotSatisfied, .popReceiptMismatch, .invalidBlockList, .md5Mismatch,
        StorageError(403, "AccountIsDisabled", "The specified account is disabled."),
        StorageError(403, "InsufficientAccountPermissions", "The account being accessed does not have sufficient permissions."),
        StorageError(409, "PublicAccessNotPermitted", "Public access is not permitted on this storage account."),
        StorageError(409, "ContainerBeingDeleted", "The specified container is being deleted."),
        StorageError(409, "QueueBeingDeleted", "The specified queue is being deleted."),
        StorageError(409, "TableBeingDeleted", "The specified table is being deleted."),
        StorageError(412, "LeaseIdMissing", "There is currently a lease on the blob and no lease ID was specified in the request."),
        StorageError(500, "InternalError", "The server encountered an internal error. Please retry the request."),
        StorageError(500, "OperationTimedOut", "The operation could not be completed within the permitted time."),
        StorageError(503, "ServerBusy", "The server is currently unable to receive requests. Please retry your request."),
    ]

    private static func kusto(_ status: Int, _ code: String, _ type: String, _ message: String, _ permanent: Bool) -> FaultReply {
        FaultReply(
            status: status, body: .oneAPI(code: code, type: "Kusto.Common.Svc.Exceptions.\(type)", message: message, permanent: permanent))
    }
}
