extension Disposition {
    /// Storage's codes by name (reference: azure-storage B4). Where a code is not here, the status decides.
    package static let byStorageCode: [String: Disposition] = [
        // Busy, or out of order for a while
        "InternalError": .retryElsewhere,
        "OperationTimedOut": .retryElsewhere,
        "ServerBusy": .retryElsewhere,

        // The signature does not open it: too old, or for something else
        "AuthenticationFailed": .refreshSnapshot,
        "AuthorizationFailure": .refreshSnapshot,
        "AuthorizationPermissionMismatch": .refreshSnapshot,
        "AuthorizationProtocolMismatch": .refreshSnapshot,
        "AuthorizationResourceTypeMismatch": .refreshSnapshot,
        "AuthorizationServiceMismatch": .refreshSnapshot,
        "AuthorizationSourceIPMismatch": .refreshSnapshot,
        "AccountIsDisabled": .refreshSnapshot,
        "InsufficientAccountPermissions": .refreshSnapshot,
        "InvalidAuthenticationInfo": .refreshSnapshot,
        "NoAuthenticationInformation": .refreshSnapshot,
        "PublicAccessNotPermitted": .refreshSnapshot,

        // It is not there any more
        "ContainerBeingDeleted": .refreshSnapshot,
        "ContainerDisabled": .refreshSnapshot,
        "ContainerNotFound": .refreshSnapshot,
        "QueueBeingDeleted": .refreshSnapshot,
        "QueueDisabled": .refreshSnapshot,
        "QueueNotFound": .refreshSnapshot,
        "ResourceNotFound": .refreshSnapshot,
        "TableBeingDeleted": .refreshSnapshot,
        "TableNotFound": .refreshSnapshot,

        // The bytes were damaged on the way, or a name was taken: they are read and sent anew, under another name
        "BlobAlreadyExists": .retryElsewhere,
        "Crc64Mismatch": .retryElsewhere,
        "InvalidBlockList": .retryElsewhere,
        "Md5Mismatch": .retryElsewhere,

        // What we said was wrong, and would be elsewhere
        "BlockCountExceedsLimit": .refused,
        "BlockListTooLong": .refused,
        "ConditionNotMet": .refused,
        "InvalidBlobOrBlock": .refused,
        "InvalidBlockId": .refused,
        "InvalidHeaderValue": .refused,
        "InvalidMd5": .refused,
        "InvalidQueryParameterValue": .refused,
        "InvalidResourceName": .refused,
        "InvalidUri": .refused,
        "InvalidXmlDocument": .refused,
        "MessageTooLarge": .refused,
        "MissingContentLengthHeader": .refused,
        "MissingRequiredHeader": .refused,
        "MissingRequiredQueryParameter": .refused,
        "OutOfRangeQueryParameterValue": .refused,
        "RequestBodyTooLarge": .refused,
        "UnsupportedHeader": .refused,
    ]
}
