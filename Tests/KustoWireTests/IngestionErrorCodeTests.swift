import KustoWire
import Testing

@Suite struct IngestionErrorCodeTests {
    /// Copied by hand from reference: kusto-queued-ingestion §7.3, group by group: P permanent, T transient, U without a published permanence.
    private static let reference: [(IngestionErrorCode.Category, IngestionErrorCode.Permanence, String)] = [
        (
            .badFormat, .permanent,
            """
            Stream_WrongNumberOfFields Stream_ClosingQuoteMissing BadRequest_InvalidBlob BadRequest_EmptyArchive BadRequest_InvalidArchive
            BadRequest_InvalidMapping BadRequest_InvalidMappingReference BadRequest_FormatNotSupported BadRequest_InconsistentMapping
            BadRequest_UnexpectedCharacterInInputStream
            """
        ),
        (
            .badRequest, .permanent,
            """
            BadRequest_EmptyBlob BadRequest_NoRecordsOrWrongFormat BadRequest_EmptyBlobUri BadRequest_DuplicateMapping
            BadRequest_InvalidOrEmptyTableName BadRequest_EmptyDatabaseName BadRequest_EmptyMappingReference Download_BadRequest
            BadRequest_MissingMappingtFailure BadRequest_MissingMappingFailure Stream_NoDataToIngest Stream_DynamicPropertyBagTooLarge General_BadRequest
            BadRequest_CorruptedMessage BadRequest_SyntaxError BadRequest_ZeroRetentionPolicyWithNoUpdatePolicy
            BadRequest_CreationTimeEarlierThanSoftDeletePeriod BadRequest_NotSupported Download_SourceNotFound BadRequest_EntityNameIsNotValid
            BadRequest_MalformedIngestionProperty BadRequest_IngestionPropertyNotSupportedInThisContext BadRequest_NonMultiDatabaseDataConnection
            BadRequest_InvalidBlobUri BadRequest_DataCapacityLimitReached BadRequest_InvalidManagedIdentity
            """
        ),
        (
            .dataAccessNotAuthorized, .permanent,
            """
            Download_AccessConditionNotSatisfied Download_Forbidden Download_AccountNotFound BadRequest_TableAccessDenied
            BadRequest_DatabaseAccessDenied BadRequest_InvalidAuthentication
            """
        ),
        (.downloadFailed, .permanent, "Download_NotTransient"),
        (.downloadFailed, .transient, "Download_UnknownError Download_TransientNameResolutionFailure"),
        (
            .entityNotFound, .permanent,
            "BadRequest_MappingReferenceWasNotFound BadRequest_DatabaseNotExist BadRequest_TableNotExist BadRequest_EntityNotFound"
        ),
        (.fileTooLarge, .permanent, "Stream_InputStreamTooLarge BadRequest_FileTooLarge"),
        (.internalServiceError, .transient, "General_InternalServerError General_TransientSchemaMismatch Timeout OutOfMemory"),
        (.internalServiceError, .permanent, "Schema_PermanentUpdateFailure"),
        (
            .updatePolicyFailure, .permanent,
            "UpdatePolicy_QuerySchemaDoesNotMatchTableSchema UpdatePolicy_Cyclic_Update_Not_Allowed UpdatePolicy_BadRequest"
        ),
        (
            .updatePolicyFailure, .transient,
            "UpdatePolicy_FailedDescendantTransaction UpdatePolicy_IngestionError UpdatePolicy_UnknownError"
        ),
        (.userAccessNotAuthorized, .permanent, "BadRequest_InvalidKustoIdentityToken Forbidden"),
        (.throttledOnEngine, .transient, "General_ThrottledIngestion"),
        (.retryAttemptsExceeded, .permanent, "General_RetryAttemptsExceeded"),
        (.blobAlreadyReceived, .permanent, "BlobAlreadyReceived_BlobAlreadyFoundInBatch"),
        (.unknown, .transient, "Unknown"),
    ]

    private static let javaOnly = """
        Stream_LowMemoryCondition BadRequest_MissingJsonMappingtFailure BadRequest_InvalidOrEmptyBlob BadRequest_UriMissingSas
        BadRequest_NoValidResponseFromEngine BadRequest_MessageExhausted UpdatePolicy_Transactional_Not_Allowed_In_Streaming_Ingestion
        BadRequest_InvalidCsvMapping BadRequest_InvalidJsonMapping General_AbandonedIngestion Misc
        """

    private static func words(_ text: String) -> [String] { text.split { $0 == " " || $0 == "\n" }.map(String.init) }

    @Test("the table has every code of the reference, in its group, with its permanence, and no other")
    func complete() {
        var expected: Set<String> = []
        for (category, permanence, codes) in Self.reference {
            for code in Self.words(codes) {
                #expect(IngestionErrorCode(rawValue: code).category == category, "\(code)")
                #expect(IngestionErrorCode(rawValue: code).permanence == permanence, "\(code)")
                expected.insert(code)
            }
        }
        for code in Self.words(Self.javaOnly) {
            #expect(IngestionErrorCode(rawValue: code).permanence == .unpublished, "\(code)")
            expected.insert(code)
        }
        #expect(Set(IngestionErrorCode.published.map(\.code)) == expected)
        #expect(IngestionErrorCode.published.count == expected.count)
        #expect(Set(IngestionErrorCode.published.map(\.category)) == Set(IngestionErrorCode.Category.allCases))
    }

    @Test(
        "a published HRESULT is its code, signed or not",
        arguments: [
            (0x80DA_0008, "Stream_WrongNumberOfFields"), (0x80DA_000B, "Stream_ClosingQuoteMissing"),
            (0x80DA_000E, "Stream_DynamicPropertyBagTooLarge"), (0x80DA_0009, "Stream_InputStreamTooLarge"),
        ] as [(UInt32, String)])
    func hresults(number: UInt32, code: String) {
        for text in [
            "0x\(String(number, radix: 16))", "0X\(String(number, radix: 16, uppercase: true))", "\(number)",
            "\(Int32(bitPattern: number))",
        ] {
            #expect(IngestionErrorCode(notificationText: text).rawValue == code)
        }
    }

    @Test("a code that nobody published is unknown, not an error")
    func unheardOf() {
        let code = IngestionErrorCode(notificationText: "Quantum_Decoherence")
        #expect(code.rawValue == "Quantum_Decoherence")
        #expect(code.category == .unknown)
        #expect(code.permanence == .unpublished)
    }
}
