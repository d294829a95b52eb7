/// Why a source was not ingested, in the service's own words.
struct IngestionFailure: Error, Sendable {
    let code: String
    let details: String
    var failureStatus = "Permanent"
    var shouldRetry = false

    init(_ code: String, _ details: String, failureStatus: String = "Permanent", shouldRetry: Bool = false) {
        self.code = code
        self.details = details
        self.failureStatus = failureStatus
        self.shouldRetry = shouldRetry
    }
}
