package import SpoolPrimitives

/// What the service says of one source, from the success or the failure queue.
///
/// Source: "Ingestion failure message structure" of the REST how-to and the SDKs' status types (reference: kusto-queued-ingestion §7.1). Free of secrets.
package struct IngestionNotification: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        case success
        case failure(Failure)
    }

    package var outcome: Outcome
    /// Our SourceID, where the notification is ours: a UUID in lower case without braces, or whatever else stood there.
    package var sourceID: String?
    /// The blob's URL, cut at `?` and `;`.
    package var sourcePath: String?
    package var database: String?
    package var table: String?
    package var operationID: String?
    package var rootActivityID: String?
    /// `SucceededOn` or `FailedOn`.
    package var occurredOn: Timestamp?
    private let whole: Unscrubbed

    /// The whole notification as JSON in one line, with every URL cut and members named for secrets blanked: what the journal keeps of a foreign one. Made
    /// when it is asked for, since of our own nobody asks.
    package var scrubbedJSON: String { whole.scrubbed }

    package init(
        outcome: Outcome, sourceID: String?, sourcePath: String? = nil, database: String? = nil, table: String? = nil,
        operationID: String? = nil, rootActivityID: String? = nil, occurredOn: Timestamp? = nil, json: JSONValue = .object([])
    ) {
        self.outcome = outcome
        self.sourceID = sourceID
        self.sourcePath = sourcePath
        self.database = database
        self.table = table
        self.operationID = operationID
        self.rootActivityID = rootActivityID
        self.occurredOn = occurredOn
        whole = Unscrubbed(json)
    }

    /// What only a failure says.
    package struct Failure: Sendable, Hashable {
        package var errorCode: IngestionErrorCode
        package var status: FailureStatus
        /// The service's own text, scrubbed.
        package var details: String?
        package var shouldRetry: Bool?
        package var originatesFromUpdatePolicy: Bool?

        package init(
            errorCode: IngestionErrorCode, status: FailureStatus, details: String? = nil, shouldRetry: Bool? = nil,
            originatesFromUpdatePolicy: Bool? = nil
        ) {
            self.errorCode = errorCode
            self.status = status
            self.details = details
            self.shouldRetry = shouldRetry
            self.originatesFromUpdatePolicy = originatesFromUpdatePolicy
        }
    }
}

/// Whether the service will try again by itself (`FailureStatus`, by name or number).
package enum FailureStatus: Int, Sendable, Hashable, CaseIterable {
    case unknown = 0
    /// No retry will be run.
    case permanent = 1
    /// The service retries; not a verdict.
    case transient = 2
    /// The service's retries are used up.
    case exhausted = 3

    /// Absent or unheard of is ``unknown``.
    package init(notificationText text: String?) {
        switch text?.lowercased() {
        case "permanent", "1": self = .permanent
        case "transient", "2": self = .transient
        case "exhausted", "3": self = .exhausted
        default: self = .unknown
        }
    }
}

/// Why a queue message is no notification. The excerpt is free of secrets.
package enum IngestionNotificationError: Error, Sendable, Hashable {
    case tooLarge(ByteCount)
    /// Neither JSON nor the Base64 of it.
    case malformed(String, excerpt: String)
}

extension IngestionNotificationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge(let size): "a notification of \(size), more than a queue holds"
        case .malformed(let reason, let excerpt): "a queue message that is no notification (\(reason)): \(excerpt)"
        }
    }
}

/// A notification's JSON as it came, which may hold a signature: it gives itself away scrubbed only.
private struct Unscrubbed: Sendable, Hashable, CustomReflectable, CustomStringConvertible {
    private let json: JSONValue

    init(_ json: JSONValue) { self.json = json }

    var scrubbed: String {
        var writer = JSONWriter()
        writer.value(SecretScrubber.scrub(json))
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    var description: String { Secret.redacted }
    var customMirror: Mirror { Mirror(self, children: []) }
}
