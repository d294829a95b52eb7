package import KustoWire

/// Why a file was refused here. The raw value is what the journal says.
package enum SkipReason: String, Sendable, Hashable, CaseIterable {
    case empty
    case tooLarge = "too_large"
    case formatMismatch = "format_mismatch"
    case notGzip = "not_gzip"
    case notZip = "not_zip"
    case damaged

    /// A sentence for the journal and the reason file.
    package var explanation: String {
        switch self {
        case .empty: "The file is empty; the service answers an empty blob with a permanent failure, so it was not sent."
        case .tooLarge: "The file is larger than the route's max_file_size; the service takes 6 GiB without being asked for more."
        case .formatMismatch: "The file's first bytes are not of the route's format; see `format` in the spool's configuration."
        case .notGzip: "The file's name ends in .gz, but its first bytes are not gzip's; the service would go by the name and fail."
        case .notZip: "The file's name ends in .zip, but its first bytes are not zip's; the service would go by the name and fail."
        case .damaged: "The file is gzip, but cannot be unpacked to its end: it is damaged or was cut off. Nothing of it was sent."
        }
    }
}

/// Why a source waits for an operator, or for something that an operator does elsewhere. Retried by itself all the same.
package enum HoldReason: String, Sendable, Hashable, CaseIterable {
    case unreadable
    case sizeDiffers = "size_differs"
    case vanished
    case route
}

/// What the service said when it refused a source: from a failure notification, secrets removed.
package struct FailureReport: Sendable, Hashable {
    /// The service's name for the error, such as `Stream_WrongNumberOfFields`.
    package var errorCode: String
    package var failureStatus: FailureStatus
    /// The service's own text.
    package var details: String
    package var shouldRetry: Bool
    package var originatesFromUpdatePolicy: Bool
    package var operationID: String?

    package init(
        errorCode: String, failureStatus: FailureStatus, details: String = "", shouldRetry: Bool = false,
        originatesFromUpdatePolicy: Bool = false, operationID: String? = nil
    ) {
        self.errorCode = errorCode
        self.failureStatus = failureStatus
        self.details = details
        self.shouldRetry = shouldRetry
        self.originatesFromUpdatePolicy = originatesFromUpdatePolicy
        self.operationID = operationID
    }
}
