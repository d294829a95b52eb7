import IngestionModel
import Testing

/// What each error of storage and of the management endpoint means (reference: azure-storage B4, kusto-queued-ingestion §1.9).
@Suite struct DispositionTests {
    /// By hand from the reference's three classes; the codes of B4 and of B1 to B3, with the status that they come with.
    private static let storage: [(code: String, status: Int, disposition: Disposition)] = [
        ("InternalError", 500, .retryElsewhere), ("OperationTimedOut", 500, .retryElsewhere), ("ServerBusy", 503, .retryElsewhere),
        ("AuthenticationFailed", 403, .refreshSnapshot), ("AuthorizationFailure", 403, .refreshSnapshot),
        ("AuthorizationPermissionMismatch", 403, .refreshSnapshot), ("AuthorizationProtocolMismatch", 403, .refreshSnapshot),
        ("AuthorizationSourceIPMismatch", 403, .refreshSnapshot), ("AuthorizationServiceMismatch", 403, .refreshSnapshot),
        ("AuthorizationResourceTypeMismatch", 403, .refreshSnapshot), ("AccountIsDisabled", 403, .refreshSnapshot),
        ("InsufficientAccountPermissions", 403, .refreshSnapshot), ("InvalidAuthenticationInfo", 400, .refreshSnapshot),
        ("NoAuthenticationInformation", 401, .refreshSnapshot), ("PublicAccessNotPermitted", 409, .refreshSnapshot),
        ("ContainerNotFound", 404, .refreshSnapshot), ("QueueNotFound", 404, .refreshSnapshot), ("TableNotFound", 404, .refreshSnapshot),
        ("ResourceNotFound", 404, .refreshSnapshot), ("ContainerBeingDeleted", 409, .refreshSnapshot),
        ("QueueBeingDeleted", 409, .refreshSnapshot), ("TableBeingDeleted", 409, .refreshSnapshot),
        ("ContainerDisabled", 409, .refreshSnapshot), ("QueueDisabled", 409, .refreshSnapshot),
        ("BlobAlreadyExists", 409, .retryElsewhere), ("Md5Mismatch", 400, .retryElsewhere), ("Crc64Mismatch", 400, .retryElsewhere),
        ("InvalidBlockList", 400, .retryElsewhere), ("InvalidMd5", 400, .refused), ("InvalidBlobOrBlock", 400, .refused),
        ("InvalidBlockId", 400, .refused), ("InvalidHeaderValue", 400, .refused), ("InvalidQueryParameterValue", 400, .refused),
        ("InvalidResourceName", 400, .refused), ("InvalidUri", 400, .refused), ("InvalidXmlDocument", 400, .refused),
        ("BlockCountExceedsLimit", 409, .refused), ("BlockListTooLong", 400, .refused), ("MessageTooLarge", 400, .refused),
        ("RequestBodyTooLarge", 413, .refused), ("MissingContentLengthHeader", 411, .refused), ("MissingRequiredHeader", 400, .refused),
        ("MissingRequiredQueryParameter", 400, .refused), ("OutOfRangeQueryParameterValue", 400, .refused),
        ("UnsupportedHeader", 400, .refused), ("ConditionNotMet", 412, .refused),
    ]

    @Test("every code of storage means what the table says, and the table has all of them")
    func codes() {
        for (code, status, disposition) in Self.storage {
            #expect(Disposition(ofStorage: Fault(status: status, code: code)) == disposition, "\(code)")
        }
        #expect(Set(Self.storage.map(\.code)) == Set(Disposition.byStorageCode.keys))
    }

    @Test(
        "where there is no code, or an unknown one, the status decides",
        arguments: [
            (nil, .retryElsewhere), (401, .refreshSnapshot), (403, .refreshSnapshot), (404, .refreshSnapshot), (408, .retryElsewhere),
            (409, .retryElsewhere), (429, .retryElsewhere), (500, .retryElsewhere), (502, .retryElsewhere), (503, .retryElsewhere),
            (504, .retryElsewhere), (520, .retryElsewhere), (400, .refused), (411, .refused), (412, .refused), (413, .refused),
            (416, .refused), (501, .refused), (505, .refused), (302, .refused), (418, .refused),
        ] as [(Int?, Disposition)])
    func statuses(status: Int?, disposition: Disposition) {
        #expect(Disposition(ofStorage: Fault(status: status)) == disposition)
        #expect(Disposition(ofStorage: Fault(status: status, code: "A_New_One")) == disposition)
    }

    @Test(
        "the management endpoint's own word counts, and not the class of its status",
        arguments: [
            (nil, nil, .retryHere), (401, true, .refreshToken), (429, true, .retryHere), (408, nil, .retryHere), (500, true, .retryHere),
            (504, nil, .retryHere), (520, nil, .retryHere), (400, false, .retryHere), (400, true, .refused), (403, nil, .refused),
            (404, nil, .refused),
        ] as [(Int?, Bool?, Disposition)])
    func management(status: Int?, isPermanent: Bool?, disposition: Disposition) {
        #expect(Disposition(ofManagement: Fault(status: status, isPermanent: isPermanent)) == disposition)
    }

    @Test(
        "a post surely was not made only where nothing was sent, or where storage itself refused it",
        arguments: [
            (201, nil, false, .accepted), (nil, nil, true, .surelyNot), (nil, nil, false, .perhaps), (408, nil, false, .perhaps),
            (500, "InternalError", false, .perhaps), (502, nil, false, .perhaps), (504, nil, false, .perhaps),
            (503, "ServerBusy", false, .surelyNot), (503, nil, false, .perhaps), (200, nil, false, .perhaps), (400, nil, false, .surelyNot),
            (403, nil, false, .surelyNot), (404, nil, false, .surelyNot), (409, nil, false, .surelyNot), (413, nil, false, .surelyNot),
            (429, nil, false, .surelyNot),
        ] as [(Int?, String?, Bool, PostOutcome)])
    func posts(status: Int?, code: String?, sentNothing: Bool, outcome: PostOutcome) {
        #expect(PostOutcome(status: status, code: code, sentNothing: sentNothing) == outcome)
    }
}
