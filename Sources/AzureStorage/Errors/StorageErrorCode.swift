/// A code of Azure Storage's, from the header `x-ms-error-code` or the body's `Code` (reference: azure-storage B4).
package struct StorageErrorCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// As the service spells it.
    package let rawValue: String

    /// Any code; those that decisions are made by have names below.
    package init(rawValue: String) { self.rawValue = rawValue }

    package var description: String { rawValue }

    private static func code(_ text: String) -> StorageErrorCode { StorageErrorCode(rawValue: text) }

    // MARK: Who may

    package static let accountIsDisabled = code("AccountIsDisabled")
    package static let authenticationFailed = code("AuthenticationFailed")
    package static let authorizationFailure = code("AuthorizationFailure")
    package static let authorizationPermissionMismatch = code("AuthorizationPermissionMismatch")
    package static let authorizationProtocolMismatch = code("AuthorizationProtocolMismatch")
    package static let authorizationResourceTypeMismatch = code("AuthorizationResourceTypeMismatch")
    package static let authorizationServiceMismatch = code("AuthorizationServiceMismatch")
    package static let authorizationSourceIPMismatch = code("AuthorizationSourceIPMismatch")
    package static let insufficientAccountPermissions = code("InsufficientAccountPermissions")
    package static let invalidAuthenticationInfo = code("InvalidAuthenticationInfo")
    package static let noAuthenticationInformation = code("NoAuthenticationInformation")
    package static let publicAccessNotPermitted = code("PublicAccessNotPermitted")

    // MARK: What there is

    package static let blobAlreadyExists = code("BlobAlreadyExists")
    package static let blobNotFound = code("BlobNotFound")
    package static let containerBeingDeleted = code("ContainerBeingDeleted")
    package static let containerDisabled = code("ContainerDisabled")
    package static let containerNotFound = code("ContainerNotFound")
    package static let entityAlreadyExists = code("EntityAlreadyExists")
    package static let messageNotFound = code("MessageNotFound")
    package static let popReceiptMismatch = code("PopReceiptMismatch")
    package static let queueBeingDeleted = code("QueueBeingDeleted")
    package static let queueDisabled = code("QueueDisabled")
    package static let queueNotFound = code("QueueNotFound")
    package static let resourceNotFound = code("ResourceNotFound")
    package static let conditionNotMet = code("ConditionNotMet")
    package static let tableBeingDeleted = code("TableBeingDeleted")
    package static let tableNotFound = code("TableNotFound")
    package static let updateConditionNotSatisfied = code("UpdateConditionNotSatisfied")

    // MARK: What was sent

    package static let blockCountExceedsLimit = code("BlockCountExceedsLimit")
    package static let blockListTooLong = code("BlockListTooLong")
    package static let invalidBlobOrBlock = code("InvalidBlobOrBlock")
    package static let invalidBlockID = code("InvalidBlockId")
    package static let invalidBlockList = code("InvalidBlockList")
    package static let invalidHeaderValue = code("InvalidHeaderValue")
    package static let invalidMD5 = code("InvalidMd5")
    package static let invalidQueryParameterValue = code("InvalidQueryParameterValue")
    package static let invalidResourceName = code("InvalidResourceName")
    package static let invalidURI = code("InvalidUri")
    package static let invalidXMLDocument = code("InvalidXmlDocument")
    package static let md5Mismatch = code("Md5Mismatch")
    package static let messageTooLarge = code("MessageTooLarge")
    package static let missingContentLengthHeader = code("MissingContentLengthHeader")
    package static let missingRequiredHeader = code("MissingRequiredHeader")
    package static let outOfRangeQueryParameterValue = code("OutOfRangeQueryParameterValue")
    package static let requestBodyTooLarge = code("RequestBodyTooLarge")
    package static let unsupportedHeader = code("UnsupportedHeader")

    // MARK: Not now

    package static let internalError = code("InternalError")
    package static let operationTimedOut = code("OperationTimedOut")
    package static let serverBusy = code("ServerBusy")
}
