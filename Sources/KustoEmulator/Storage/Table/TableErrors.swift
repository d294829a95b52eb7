/// The table service's own codes.
extension StorageError {
    static let tableNotFound = StorageError(404, "TableNotFound", "The table specified does not exist.")
    static let entityAlreadyExists = StorageError(409, "EntityAlreadyExists", "The specified entity already exists.")
    static let updateConditionNotSatisfied = StorageError(
        412, "UpdateConditionNotSatisfied", "The update condition specified in the request was not satisfied.")
    static let invalidInput = StorageError(400, "InvalidInput", "One of the request inputs is not valid.")
    static let outOfRangeInput = StorageError(400, "OutOfRangeInput", "One of the request inputs is out of range.")
    static let propertiesNeedValue = StorageError(
        400, "PropertiesNeedValue", "The values are not specified for all properties in the entity.")
    static let keyValueTooLarge = StorageError(400, "KeyValueTooLarge", "The specified key is larger than the allowed maximum.")
    static let propertyValueTooLarge = StorageError(
        400, "PropertyValueTooLarge", "The property value exceeds the maximum allowed size (64KB).")
    static let propertyNameTooLong = StorageError(400, "PropertyNameTooLong", "The property name exceeds the maximum allowed length (255).")
    static let tooManyProperties = StorageError(
        400, "TooManyProperties", "The entity contains more properties than allowed. Each entity can include up to 252 properties.")
    static let entityTooLarge = StorageError(400, "EntityTooLarge", "The entity is larger than the maximum allowed size (1MB).")

    /// Whether the request was turned away before anything looked at what it asks: such errors are XML, whatever the client accepts.
    var isAboutAuthorization: Bool { status == 401 || status == 403 }
}

extension StorageDressing {
    /// A table's error: OData JSON without a header for the code, or XML where the request was not authorized.
    func tableReply(_ error: StorageError, plainJSON: Bool) -> Reply {
        guard plainJSON || !error.isAboutAuthorization else { return reply(error) }
        let text = "\(error.message)\nRequestId:\(requestID)\nTime:\(now.roundTripText)"
        let body: JSON = ["odata.error": ["code": .string(error.code), "message": ["lang": "en-US", "value": .string(text)]]]
        var reply = Reply.json(error.status, body)
        reply.headers = [("Content-Type", "application/json;odata=minimalmetadata;streaming=true;charset=utf-8")]
        return reply
    }
}
