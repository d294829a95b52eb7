/// A failure's code, by the name that the service publishes; any text is one, since the service adds codes.
///
/// Source: "Ingestion error codes" of the service's documentation (reference: kusto-queued-ingestion §7.3).
package struct IngestionErrorCode: RawRepresentable, Sendable, Hashable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// Reads a code as a notification spells it: by name, by HRESULT (`0x80DA0008`, or the same as a signed or unsigned number), or by
    /// whatever else, which is then its name.
    package init(notificationText text: String) {
        let number: UInt32? =
            if text.hasPrefix("0x") || text.hasPrefix("0X") {
                UInt32(text.dropFirst(2), radix: 16)
            } else {
                UInt32(text) ?? Int32(text).map { UInt32(bitPattern: $0) }
            }
        if let number, let entry = Self.published.first(where: { $0.hresult == number }) {
            rawValue = entry.code
        } else {
            rawValue = text
        }
    }

    /// What kind of failure it is; ``Category/unknown`` for a code that is not in the table.
    package var category: Category { Self.byCode[rawValue]?.category ?? .unknown }

    /// What the documentation says of repeating the same ingestion.
    package var permanence: Permanence { Self.byCode[rawValue]?.permanence ?? .unpublished }

    /// The documentation's groups.
    package enum Category: String, Sendable, Hashable, CaseIterable {
        case badFormat = "BadFormat"
        case badRequest = "BadRequest"
        case dataAccessNotAuthorized = "DataAccessNotAuthorized"
        case downloadFailed = "DownloadFailed"
        case entityNotFound = "EntityNotFound"
        case fileTooLarge = "FileTooLarge"
        case internalServiceError = "InternalServiceError"
        case updatePolicyFailure = "UpdatePolicyFailure"
        case userAccessNotAuthorized = "UserAccessNotAuthorized"
        case throttledOnEngine = "ThrottledOnEngine"
        case retryAttemptsExceeded = "RetryAttemptsExceeded"
        case blobAlreadyReceived = "BlobAlreadyReceived"
        case unknown = "Unknown"
    }

    package enum Permanence: Sendable, Hashable {
        case permanent
        case transient
        /// In an SDK's list but not in the documentation, or in neither.
        case unpublished
    }

    private static let byCode = Dictionary(uniqueKeysWithValues: published.map { ($0.code, $0) })
}

extension IngestionErrorCode: CustomStringConvertible {
    package var description: String { rawValue }
}
