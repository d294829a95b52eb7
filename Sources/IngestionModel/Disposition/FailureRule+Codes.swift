extension FailureRule {
    /// Every published code by name, group by group as the documentation has them (reference: kusto-queued-ingestion §7.3).
    package static let byCode: [String: FailureRule] = [
        // BadFormat
        "Stream_WrongNumberOfFields": .data,
        "Stream_ClosingQuoteMissing": .data,
        "BadRequest_InvalidBlob": .data,
        "BadRequest_EmptyArchive": .data,
        "BadRequest_InvalidArchive": .data,
        "BadRequest_InvalidMapping": .configuration,
        "BadRequest_InvalidMappingReference": .configuration,
        "BadRequest_FormatNotSupported": .configuration,
        "BadRequest_InconsistentMapping": .configuration,
        "BadRequest_UnexpectedCharacterInInputStream": .data,

        // BadRequest
        "BadRequest_EmptyBlob": .data,
        "BadRequest_NoRecordsOrWrongFormat": .data,
        "BadRequest_EmptyBlobUri": .asReported,
        "BadRequest_DuplicateMapping": .configuration,
        "BadRequest_InvalidOrEmptyTableName": .configuration,
        "BadRequest_EmptyDatabaseName": .configuration,
        "BadRequest_EmptyMappingReference": .configuration,
        "Download_BadRequest": .asReported,
        "BadRequest_MissingMappingtFailure": .configuration,
        "BadRequest_MissingMappingFailure": .configuration,
        "Stream_NoDataToIngest": .data,
        "Stream_DynamicPropertyBagTooLarge": .data,
        "General_BadRequest": .asReported,
        "BadRequest_CorruptedMessage": .asReported,
        "BadRequest_SyntaxError": .asReported,
        "BadRequest_ZeroRetentionPolicyWithNoUpdatePolicy": .configuration,
        "BadRequest_CreationTimeEarlierThanSoftDeletePeriod": .asReported,
        "BadRequest_NotSupported": .asReported,
        "Download_SourceNotFound": .gone,
        "BadRequest_EntityNameIsNotValid": .configuration,
        "BadRequest_MalformedIngestionProperty": .configuration,
        "BadRequest_IngestionPropertyNotSupportedInThisContext": .configuration,
        "BadRequest_NonMultiDatabaseDataConnection": .asReported,
        "BadRequest_InvalidBlobUri": .asReported,
        "BadRequest_DataCapacityLimitReached": .configuration,
        "BadRequest_InvalidManagedIdentity": .configuration,

        // DataAccessNotAuthorized
        "Download_AccessConditionNotSatisfied": .asReported,
        // Our SAS was too old when the service got round to the message, or its account is not lent any more: a fresh upload mends it.
        "Download_Forbidden": .retry,
        "Download_AccountNotFound": .retry,
        "BadRequest_TableAccessDenied": .configuration,
        "BadRequest_DatabaseAccessDenied": .configuration,
        "BadRequest_InvalidAuthentication": .configuration,

        // DownloadFailed
        "Download_NotTransient": .asReported,
        "Download_UnknownError": .retry,
        "Download_TransientNameResolutionFailure": .retry,

        // EntityNotFound
        "BadRequest_MappingReferenceWasNotFound": .configuration,
        "BadRequest_DatabaseNotExist": .configuration,
        "BadRequest_TableNotExist": .configuration,
        "BadRequest_EntityNotFound": .configuration,

        // FileTooLarge
        "Stream_InputStreamTooLarge": .data,
        "BadRequest_FileTooLarge": .data,

        // InternalServiceError
        "General_InternalServerError": .retry,
        "General_TransientSchemaMismatch": .retry,
        "Timeout": .retry,
        "OutOfMemory": .retry,
        "Schema_PermanentUpdateFailure": .asReported,

        // UpdatePolicyFailure. The transient ones too only as reported: where the policy is not transactional, the rows are in the source table already.
        "UpdatePolicy_QuerySchemaDoesNotMatchTableSchema": .configuration,
        "UpdatePolicy_FailedDescendantTransaction": .asReported,
        "UpdatePolicy_IngestionError": .asReported,
        "UpdatePolicy_UnknownError": .asReported,
        "UpdatePolicy_Cyclic_Update_Not_Allowed": .configuration,
        "UpdatePolicy_BadRequest": .configuration,

        // UserAccessNotAuthorized. The identity token of the message was stale; a right that is missing is the configuration's.
        "BadRequest_InvalidKustoIdentityToken": .retry,
        "Forbidden": .configuration,

        // ThrottledOnEngine, RetryAttemptsExceeded, BlobAlreadyReceived, Unknown
        "General_ThrottledIngestion": .retry,
        "General_RetryAttemptsExceeded": .retry,
        "BlobAlreadyReceived_BlobAlreadyFoundInBatch": .oneCopyIsIn,
        "Unknown": .asReported,

        // Only in an SDK's list
        "Stream_LowMemoryCondition": .retry,
        "BadRequest_MissingJsonMappingtFailure": .configuration,
        "BadRequest_InvalidOrEmptyBlob": .data,
        "BadRequest_UriMissingSas": .asReported,
        "BadRequest_NoValidResponseFromEngine": .retry,
        "BadRequest_MessageExhausted": .retry,
        "UpdatePolicy_Transactional_Not_Allowed_In_Streaming_Ingestion": .asReported,
        "BadRequest_InvalidCsvMapping": .configuration,
        "BadRequest_InvalidJsonMapping": .configuration,
        "General_AbandonedIngestion": .retry,
        "Misc": .asReported,
    ]
}
