extension IngestionErrorCode {
    /// One published code.
    package struct Entry: Sendable, Hashable {
        package var code: String
        package var category: Category
        package var permanence: Permanence
        /// The number that stands beside the name in the documentation.
        package var hresult: UInt32?

        fileprivate init(_ code: String, _ category: Category, _ permanence: Permanence, _ hresult: UInt32? = nil) {
            self.code = code
            self.category = category
            self.permanence = permanence
            self.hresult = hresult
        }
    }

    /// Every code of the documentation, then those that only the Java SDK lists (theirs without a published permanence, in the group that
    /// their prefix suggests). Source: reference: kusto-queued-ingestion §7.3.
    package static let published: [Entry] = [
        Entry("Stream_WrongNumberOfFields", .badFormat, .permanent, 0x80DA_0008),
        Entry("Stream_ClosingQuoteMissing", .badFormat, .permanent, 0x80DA_000B),
        Entry("BadRequest_InvalidBlob", .badFormat, .permanent),
        Entry("BadRequest_EmptyArchive", .badFormat, .permanent),
        Entry("BadRequest_InvalidArchive", .badFormat, .permanent),
        Entry("BadRequest_InvalidMapping", .badFormat, .permanent),
        Entry("BadRequest_InvalidMappingReference", .badFormat, .permanent),
        Entry("BadRequest_FormatNotSupported", .badFormat, .permanent),
        Entry("BadRequest_InconsistentMapping", .badFormat, .permanent),
        Entry("BadRequest_UnexpectedCharacterInInputStream", .badFormat, .permanent),

        Entry("BadRequest_EmptyBlob", .badRequest, .permanent),
        Entry("BadRequest_NoRecordsOrWrongFormat", .badRequest, .permanent),
        Entry("BadRequest_EmptyBlobUri", .badRequest, .permanent),
        Entry("BadRequest_DuplicateMapping", .badRequest, .permanent),
        Entry("BadRequest_InvalidOrEmptyTableName", .badRequest, .permanent),
        Entry("BadRequest_EmptyDatabaseName", .badRequest, .permanent),
        Entry("BadRequest_EmptyMappingReference", .badRequest, .permanent),
        Entry("Download_BadRequest", .badRequest, .permanent),
        // The documentation's own spelling; a newer sample has the second.
        Entry("BadRequest_MissingMappingtFailure", .badRequest, .permanent),
        Entry("BadRequest_MissingMappingFailure", .badRequest, .permanent),
        Entry("Stream_NoDataToIngest", .badRequest, .permanent),
        Entry("Stream_DynamicPropertyBagTooLarge", .badRequest, .permanent, 0x80DA_000E),
        Entry("General_BadRequest", .badRequest, .permanent),
        Entry("BadRequest_CorruptedMessage", .badRequest, .permanent),
        Entry("BadRequest_SyntaxError", .badRequest, .permanent),
        Entry("BadRequest_ZeroRetentionPolicyWithNoUpdatePolicy", .badRequest, .permanent),
        Entry("BadRequest_CreationTimeEarlierThanSoftDeletePeriod", .badRequest, .permanent),
        Entry("BadRequest_NotSupported", .badRequest, .permanent),
        Entry("Download_SourceNotFound", .badRequest, .permanent),
        Entry("BadRequest_EntityNameIsNotValid", .badRequest, .permanent),
        Entry("BadRequest_MalformedIngestionProperty", .badRequest, .permanent),
        Entry("BadRequest_IngestionPropertyNotSupportedInThisContext", .badRequest, .permanent),
        Entry("BadRequest_NonMultiDatabaseDataConnection", .badRequest, .permanent),
        Entry("BadRequest_InvalidBlobUri", .badRequest, .permanent),
        Entry("BadRequest_DataCapacityLimitReached", .badRequest, .permanent),
        Entry("BadRequest_InvalidManagedIdentity", .badRequest, .permanent),

        Entry("Download_AccessConditionNotSatisfied", .dataAccessNotAuthorized, .permanent),
        Entry("Download_Forbidden", .dataAccessNotAuthorized, .permanent),
        Entry("Download_AccountNotFound", .dataAccessNotAuthorized, .permanent),
        Entry("BadRequest_TableAccessDenied", .dataAccessNotAuthorized, .permanent),
        Entry("BadRequest_DatabaseAccessDenied", .dataAccessNotAuthorized, .permanent),
        Entry("BadRequest_InvalidAuthentication", .dataAccessNotAuthorized, .permanent),

        Entry("Download_NotTransient", .downloadFailed, .permanent),
        Entry("Download_UnknownError", .downloadFailed, .transient),
        Entry("Download_TransientNameResolutionFailure", .downloadFailed, .transient),

        Entry("BadRequest_MappingReferenceWasNotFound", .entityNotFound, .permanent),
        Entry("BadRequest_DatabaseNotExist", .entityNotFound, .permanent),
        Entry("BadRequest_TableNotExist", .entityNotFound, .permanent),
        Entry("BadRequest_EntityNotFound", .entityNotFound, .permanent),

        Entry("Stream_InputStreamTooLarge", .fileTooLarge, .permanent, 0x80DA_0009),
        Entry("BadRequest_FileTooLarge", .fileTooLarge, .permanent),

        Entry("General_InternalServerError", .internalServiceError, .transient),
        Entry("General_TransientSchemaMismatch", .internalServiceError, .transient),
        Entry("Timeout", .internalServiceError, .transient),
        Entry("OutOfMemory", .internalServiceError, .transient),
        Entry("Schema_PermanentUpdateFailure", .internalServiceError, .permanent),

        Entry("UpdatePolicy_QuerySchemaDoesNotMatchTableSchema", .updatePolicyFailure, .permanent),
        Entry("UpdatePolicy_FailedDescendantTransaction", .updatePolicyFailure, .transient),
        Entry("UpdatePolicy_IngestionError", .updatePolicyFailure, .transient),
        Entry("UpdatePolicy_UnknownError", .updatePolicyFailure, .transient),
        Entry("UpdatePolicy_Cyclic_Update_Not_Allowed", .updatePolicyFailure, .permanent),
        Entry("UpdatePolicy_BadRequest", .updatePolicyFailure, .permanent),

        Entry("BadRequest_InvalidKustoIdentityToken", .userAccessNotAuthorized, .permanent),
        Entry("Forbidden", .userAccessNotAuthorized, .permanent),

        Entry("General_ThrottledIngestion", .throttledOnEngine, .transient),
        // Listed as permanent, though the same page says that ingesting again may succeed.
        Entry("General_RetryAttemptsExceeded", .retryAttemptsExceeded, .permanent),
        // One copy is in: no loss.
        Entry("BlobAlreadyReceived_BlobAlreadyFoundInBatch", .blobAlreadyReceived, .permanent),
        Entry("Unknown", .unknown, .transient),

        Entry("Stream_LowMemoryCondition", .internalServiceError, .unpublished),
        Entry("BadRequest_MissingJsonMappingtFailure", .badRequest, .unpublished),
        Entry("BadRequest_InvalidOrEmptyBlob", .badRequest, .unpublished),
        Entry("BadRequest_UriMissingSas", .badRequest, .unpublished),
        Entry("BadRequest_NoValidResponseFromEngine", .badRequest, .unpublished),
        Entry("BadRequest_MessageExhausted", .badRequest, .unpublished),
        Entry("UpdatePolicy_Transactional_Not_Allowed_In_Streaming_Ingestion", .updatePolicyFailure, .unpublished),
        Entry("BadRequest_InvalidCsvMapping", .badFormat, .unpublished),
        Entry("BadRequest_InvalidJsonMapping", .badFormat, .unpublished),
        Entry("General_AbandonedIngestion", .internalServiceError, .unpublished),
        Entry("Misc", .unknown, .unpublished),
    ]
}
