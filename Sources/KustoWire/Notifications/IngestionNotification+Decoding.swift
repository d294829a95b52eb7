package import SpoolPrimitives

extension IngestionNotification {
    /// Which queue a message was taken from. The fields of the message come first; the queue decides where they are silent.
    package enum Queue: Sendable, Hashable {
        case successes
        case failures
    }

    /// A queue of the service holds no more than this in one message.
    package static let maximumSize = ByteCount.kibibytes(64)

    /// Reads the text of a queue message: the Base64 of JSON, or JSON itself.
    ///
    /// No field is required, for a verdict must not be lost for the lack of a time. Names are compared without regard to case; numbers stand for
    /// strings and strings for numbers; unknown fields are kept in ``scrubbedJSON``.
    package init(queueText: String, from queue: Queue) throws(IngestionNotificationError) {
        let text = Array(queueText.utf8)
        let size = ByteCount(text.count)
        if size > Self.maximumSize { throw .tooLarge(size) }
        let isJSON = text.first { $0 > 0x20 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF } == UInt8(ascii: "{")
        guard let bytes = isJSON ? text : Base64.decode(text) else {
            throw .malformed("neither JSON nor Base64", excerpt: BodyExcerpt.of(text))
        }
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes.drop { $0 <= 0x20 })
        } catch {
            throw .malformed(error.description, excerpt: BodyExcerpt.of(bytes))
        }
        guard json.members != nil else { throw .malformed("no JSON object", excerpt: BodyExcerpt.of(bytes)) }
        self.init(json: json, from: queue)
    }

    /// A queue message that is no notification, whole but for its secrets: what its Base64 holds, or else the text itself.
    ///
    /// Bytes that are no UTF-8 become U+FFFD: secrets are not looked for in what cannot be read.
    package static func scrubbedText(ofMessage queueText: String) -> String {
        let bytes = Base64.decode(Array(queueText.utf8)) ?? Array(queueText.utf8)
        return SecretScrubber.scrub(String(decoding: bytes, as: UTF8.self))
    }

    private init(json: JSONValue, from queue: Queue) {
        func text(_ name: String) -> String? { json[ignoringCase: name]?.text }
        let namesFailure = text("ErrorCode") != nil || text("FailureStatus") != nil || queue == .failures
        let isFailure = text("FailedOn") != nil || (text("SucceededOn") == nil && namesFailure)
        self.init(
            json: json, isFailure: isFailure, occurredOn: isFailure ? "FailedOn" : "SucceededOn", rootActivityID: "RootActivityId", text)
    }

    /// The columns of a status table's entity, which has the words of both queues and a name of its own for two of them.
    init(statusEntity json: JSONValue, isSuccess: Bool) {
        self.init(json: json, isFailure: !isSuccess, occurredOn: "UpdatedOn", rootActivityID: "ActivityId") { name in
            // A column that a writer had nothing to say in may be empty instead of absent.
            json[ignoringCase: name]?.text.flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    private init(
        json: JSONValue, isFailure: Bool, occurredOn time: String, rootActivityID activity: String, _ text: (String) -> String?
    ) {
        var outcome = Outcome.success
        if isFailure {
            outcome = .failure(
                Failure(
                    errorCode: IngestionErrorCode(notificationText: text("ErrorCode") ?? "Unknown"),
                    status: FailureStatus(notificationText: text("FailureStatus")),
                    details: text("Details").map(SecretScrubber.scrub),
                    shouldRetry: json[ignoringCase: "ShouldRetry"]?.flag,
                    originatesFromUpdatePolicy: json[ignoringCase: "OriginatesFromUpdatePolicy"]?.flag))
        }
        self.init(
            outcome: outcome, sourceID: text("IngestionSourceId").map(Self.normalizedGUID),
            sourcePath: text("IngestionSourcePath").map(SecretScrubber.withoutSecrets(path:)),
            database: text("Database").map(SecretScrubber.scrub), table: text("Table").map(SecretScrubber.scrub),
            operationID: text("OperationId").map(Self.normalizedGUID), rootActivityID: text(activity).map(Self.normalizedGUID),
            occurredOn: text(time).flatMap(Timestamp.init(iso8601:)), json: json)
    }

    /// A GUID in lower case with hyphens, without braces or parentheses, also from the form of 32 digits; any other text as it is, scrubbed.
    private static func normalizedGUID(_ text: String) -> String {
        var guid: [UInt8] = []
        guid.reserveCapacity(36)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                if guid.count == 36 { return SecretScrubber.scrub(text) }
                if guid.count == 8 || guid.count == 13 || guid.count == 18 || guid.count == 23 { guid.append(UInt8(ascii: "-")) }
                guid.append(byte | 0x20)
            case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "-"), UInt8(ascii: " "): break
            default: return SecretScrubber.scrub(text)
            }
        }
        return guid.count == 36 ? String(decoding: guid, as: UTF8.self) : SecretScrubber.scrub(text)
    }
}
