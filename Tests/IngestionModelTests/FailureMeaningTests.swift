import IngestionModel
import KustoWire
import Testing

/// What each published ingestion error means for its source (reference: kusto-queued-ingestion §7.3; protocol.md §4).
@Suite struct FailureMeaningTests {
    /// Written by hand from the reference and the protocol, not generated from the code: what a code means when it is permanent, and when the service says
    /// that its own retries are used up.
    private static let table = """
        final final Stream_WrongNumberOfFields Stream_ClosingQuoteMissing BadRequest_InvalidBlob BadRequest_EmptyArchive BadRequest_InvalidArchive
        final final BadRequest_UnexpectedCharacterInInputStream BadRequest_EmptyBlob BadRequest_NoRecordsOrWrongFormat Stream_NoDataToIngest
        final final Stream_DynamicPropertyBagTooLarge Stream_InputStreamTooLarge BadRequest_FileTooLarge BadRequest_InvalidOrEmptyBlob
        configuration configuration BadRequest_InvalidMapping BadRequest_InvalidMappingReference BadRequest_FormatNotSupported
        configuration configuration BadRequest_InconsistentMapping BadRequest_DuplicateMapping BadRequest_InvalidOrEmptyTableName
        configuration configuration BadRequest_EmptyDatabaseName BadRequest_EmptyMappingReference BadRequest_MissingMappingtFailure
        configuration configuration BadRequest_MissingMappingFailure BadRequest_MissingJsonMappingtFailure BadRequest_InvalidCsvMapping
        configuration configuration BadRequest_InvalidJsonMapping BadRequest_ZeroRetentionPolicyWithNoUpdatePolicy BadRequest_EntityNameIsNotValid
        configuration configuration BadRequest_MalformedIngestionProperty BadRequest_IngestionPropertyNotSupportedInThisContext
        configuration configuration BadRequest_DataCapacityLimitReached BadRequest_InvalidManagedIdentity BadRequest_TableAccessDenied
        configuration configuration BadRequest_DatabaseAccessDenied BadRequest_InvalidAuthentication BadRequest_MappingReferenceWasNotFound
        configuration configuration BadRequest_DatabaseNotExist BadRequest_TableNotExist BadRequest_EntityNotFound Forbidden
        configuration configuration UpdatePolicy_QuerySchemaDoesNotMatchTableSchema UpdatePolicy_Cyclic_Update_Not_Allowed UpdatePolicy_BadRequest
        retry retry Download_Forbidden Download_AccountNotFound Download_UnknownError Download_TransientNameResolutionFailure
        retry retry General_InternalServerError General_TransientSchemaMismatch Timeout OutOfMemory BadRequest_InvalidKustoIdentityToken
        retry retry General_ThrottledIngestion General_RetryAttemptsExceeded Stream_LowMemoryCondition BadRequest_NoValidResponseFromEngine
        retry retry BadRequest_MessageExhausted General_AbandonedIngestion
        noted noted BlobAlreadyReceived_BlobAlreadyFoundInBatch
        final retry BadRequest_EmptyBlobUri Download_BadRequest General_BadRequest BadRequest_CorruptedMessage BadRequest_SyntaxError
        final retry BadRequest_CreationTimeEarlierThanSoftDeletePeriod BadRequest_NotSupported Download_SourceNotFound
        final retry BadRequest_NonMultiDatabaseDataConnection BadRequest_InvalidBlobUri Download_AccessConditionNotSatisfied
        final retry Download_NotTransient Schema_PermanentUpdateFailure UpdatePolicy_FailedDescendantTransaction UpdatePolicy_IngestionError
        final retry UpdatePolicy_UnknownError Unknown BadRequest_UriMissingSas Misc
        final retry UpdatePolicy_Transactional_Not_Allowed_In_Streaming_Ingestion
        """

    private static let expected: [(code: String, permanent: String, exhausted: String)] = table.split(separator: "\n").flatMap { line in
        let words = line.split(separator: " ").map(String.init)
        return words.dropFirst(2).map { ($0, words[0], words[1]) }
    }

    private static func meaning(
        _ code: String, _ status: FailureStatus, shouldRetry: Bool = false, copies: Int = 1
    ) -> FailureMeaning {
        FailureMeaning(of: FailureReport(errorCode: code, failureStatus: status, shouldRetry: shouldRetry), possibleCopies: copies)
    }

    @Test("the table has every published code, each once")
    func complete() {
        let codes = Self.expected.map(\.code)
        #expect(Set(codes).count == codes.count)
        let published = Set(IngestionErrorCode.published.map(\.code))
        #expect(Set(codes) == published)
        #expect(Set(FailureRule.byCode.keys) == published)
    }

    @Test("every code means what the table says, whether its failure is permanent or of a service that has given up")
    func meanings() {
        for (code, permanent, exhausted) in Self.expected {
            #expect("\(Self.meaning(code, .permanent))" == permanent, "\(code)")
            #expect("\(Self.meaning(code, .unknown))" == permanent, "\(code)")
            #expect("\(Self.meaning(code, .exhausted))" == exhausted, "\(code)")
            #expect("\(Self.meaning(code, .permanent, shouldRetry: true))" == exhausted, "\(code)")
        }
    }

    @Test("while the service tries again by itself no code is a verdict")
    func transient() {
        for (code, _, _) in Self.expected + [("A_New_One", "", "")] { #expect(Self.meaning(code, .transient) == .noted, "\(code)") }
    }

    @Test("a blob that is gone says of a source with two messages that the other one was served")
    func gone() {
        #expect(Self.meaning("Download_SourceNotFound", .permanent, copies: 2) == .noted)
        #expect(Self.meaning("Download_SourceNotFound", .permanent, copies: 1) == .final)
        #expect(Self.meaning("BlobAlreadyReceived_BlobAlreadyFoundInBatch", .permanent, copies: 1) == .noted)
    }

    @Test("a code that nobody has published is taken as the service reports it")
    func unknown() {
        #expect(Self.meaning("A_New_One", .permanent) == .final)
        #expect(Self.meaning("A_New_One", .exhausted) == .retry)
        #expect(Self.meaning("A_New_One", .permanent, shouldRetry: true) == .retry)
    }
}
