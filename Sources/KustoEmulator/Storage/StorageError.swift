/// An error of Azure Storage: a status, a code and the text, with the elements that some codes add.
struct StorageError: Error, Sendable {
    let status: Int
    let code: String
    let message: String
    var extras: [(name: String, value: String)] = []

    init(_ status: Int, _ code: String, _ message: String, extras: [(name: String, value: String)] = []) {
        self.status = status
        self.code = code
        self.message = message
        self.extras = extras
    }

    static func authenticationFailed(_ detail: String) -> StorageError {
        StorageError(
            403, "AuthenticationFailed",
            "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
            extras: [("AuthenticationErrorDetail", detail)])
    }

    static func missingParameter(_ name: String) -> StorageError {
        StorageError(
            400, "MissingRequiredQueryParameter", "A query parameter that's mandatory for this request is not specified.",
            extras: [("QueryParameterName", name)])
    }

    static func missingHeader(_ name: String) -> StorageError {
        StorageError(
            400, "MissingRequiredHeader", "An HTTP header that's mandatory for this request is not specified.",
            extras: [("HeaderName", name)])
    }

    static func invalidHeader(_ name: String, _ value: String) -> StorageError {
        StorageError(
            400, "InvalidHeaderValue", "The value for one of the HTTP headers is not in the correct format.",
            extras: [("HeaderName", name), ("HeaderValue", value)])
    }

    static func invalidParameter(_ name: String, _ value: String) -> StorageError {
        StorageError(
            400, "InvalidQueryParameterValue", "Value for one of the query parameters specified in the request URI is invalid.",
            extras: [("QueryParameterName", name), ("QueryParameterValue", value), ("Reason", "")])
    }

    static func outOfRange(_ name: String, _ value: String, _ range: ClosedRange<Int>) -> StorageError {
        StorageError(
            400, "OutOfRangeQueryParameterValue",
            "One of the query parameters specified in the request URI is outside the permissible range.",
            extras: [
                ("QueryParameterName", name), ("QueryParameterValue", value), ("MinimumAllowed", String(range.lowerBound)),
                ("MaximumAllowed", String(range.upperBound)),
            ])
    }

    static func tooLarge(limit: Int) -> StorageError {
        StorageError(
            413, "RequestBodyTooLarge", "The request body is too large and exceeds the maximum permissible limit.",
            extras: [("MaxLimit", String(limit))])
    }

    static let noAuthentication = StorageError(
        401, "NoAuthenticationInformation",
        "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.")
    static let authorizationProtocolMismatch = StorageError(
        403, "AuthorizationProtocolMismatch", "This request is not authorized to perform this operation using this protocol.")
    static let authorizationSourceIPMismatch = StorageError(
        403, "AuthorizationSourceIPMismatch", "This request is not authorized to perform this operation using this source IP.")
    static let authorizationServiceMismatch = StorageError(
        403, "AuthorizationServiceMismatch", "This request is not authorized to perform this operation using this service.")
    static let authorizationResourceTypeMismatch = StorageError(
        403, "AuthorizationResourceTypeMismatch", "This request is not authorized to perform this operation using this resource type.")
    static let authorizationPermissionMismatch = StorageError(
        403, "AuthorizationPermissionMismatch", "This request is not authorized to perform this operation using this permission.")
    static let authorizationFailure = StorageError(
        403, "AuthorizationFailure", "This request is not authorized to perform this operation.")
    static let blobNotFound = StorageError(404, "BlobNotFound", "The specified blob does not exist.")
    static let blobAlreadyExists = StorageError(409, "BlobAlreadyExists", "The specified blob already exists.")
    static let containerNotFound = StorageError(404, "ContainerNotFound", "The specified container does not exist.")
    static let queueNotFound = StorageError(404, "QueueNotFound", "The specified queue does not exist.")
    static let resourceNotFound = StorageError(404, "ResourceNotFound", "The specified resource does not exist.")
    static let messageNotFound = StorageError(404, "MessageNotFound", "The specified message does not exist.")
    static let popReceiptMismatch = StorageError(
        400, "PopReceiptMismatch", "The specified pop receipt did not match the pop receipt for a dequeued message.")
    static let messageTooLarge = StorageError(400, "MessageTooLarge", "The message exceeds the maximum allowed size.")
    static let invalidXML = StorageError(400, "InvalidXmlDocument", "XML specified is not syntactically valid.")
    static let invalidBlockList = StorageError(400, "InvalidBlockList", "The specified block list is invalid.")
    static let invalidBlobOrBlock = StorageError(400, "InvalidBlobOrBlock", "The specified blob or block content is invalid.")
    static let md5Mismatch = StorageError(
        400, "Md5Mismatch", "The MD5 value specified in the request did not match with the MD5 value calculated by the server.")
    static let crc64Mismatch = StorageError(
        400, "Crc64Mismatch", "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.")
    static let invalidMD5 = StorageError(
        400, "InvalidMd5", "The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64 encoded.")
    static let missingContentLength = StorageError(411, "MissingContentLengthHeader", "The Content-Length header was not specified.")
    static let conditionNotMet = StorageError(
        412, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met.")
    static let invalidRange = StorageError(416, "InvalidRange", "The range specified is invalid for the current size of the resource.")
    static let unsupportedVerb = StorageError(405, "UnsupportedHttpVerb", "The resource doesn't support specified Http Verb.")
    static let invalidURI = StorageError(400, "InvalidUri", "The requested URI does not represent any resource on the server.")
    static let notImplemented = StorageError(501, "NotImplemented", "The requested operation is not implemented on the specified resource.")
}
