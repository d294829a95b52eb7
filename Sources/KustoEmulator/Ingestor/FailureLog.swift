import NIOConcurrencyHelpers

/// The failures of ingestion commands that an engine remembers for `.show ingestion failures`, whatever became of their notifications.
final class FailureLog: Sendable {
    /// One failed source.
    struct Record: Sendable {
        let notification: Notification
        let properties: String
    }

    /// How long a failure is remembered. Source: the page on that command.
    private static let memory = Duration.seconds(14 * 86_400)
    private static let limit = 100_000

    private let clock: EmulatorClock
    private let log: StateLog
    private let remembered = NIOLockedValueBox<[Record]>([])

    init(_ clock: EmulatorClock, _ log: StateLog) {
        self.clock = clock
        self.log = log
    }

    func record(_ notification: Notification, properties: String) {
        guard let failure = notification.failure, failure.isOfCommand else { return }
        log.append(Self.record(Record(notification: notification, properties: properties)))
        restore(notification, properties: properties)
    }

    /// Everything remembered, to be written down.
    var records: [StateRecord] { remembered.withLockedValue { $0.map(Self.record) } }

    private static func record(_ record: Record) -> StateRecord {
        StateRecord("failure", record.notification.stateFields + [("properties", .string(record.properties))])
    }

    /// Remembers a failure, of now or of before a restart.
    func restore(_ notification: Notification, properties: String) {
        remembered.withLockedValue { records in
            if records.count >= Self.limit { records.removeFirst(Self.limit / 10) }
            records.append(Record(notification: notification, properties: properties))
        }
    }

    /// What the command shows.
    var dataset: Dataset {
        let oldest = clock.now - Self.memory
        return Dataset(
            columns: Self.columns, rows: remembered.withLockedValue { $0 }.filter { $0.notification.time >= oldest }.map(Self.row))
    }

    private static let columns = [
        Dataset.Column(name: "OperationId", type: .guid), Dataset.Column(name: "Database", type: .string),
        Dataset.Column(name: "Table", type: .string), Dataset.Column(name: "FailedOn", type: .datetime),
        Dataset.Column(name: "IngestionSourcePath", type: .string), Dataset.Column(name: "Details", type: .string),
        Dataset.Column(name: "FailureKind", type: .string), Dataset.Column(name: "RootActivityId", type: .guid),
        Dataset.Column(name: "OperationKind", type: .string), Dataset.Column(name: "OriginatesFromUpdatePolicy", type: .bool),
        Dataset.Column(name: "ErrorCode", type: .string), Dataset.Column(name: "Principal", type: .string),
        Dataset.Column(name: "ShouldRetry", type: .bool), Dataset.Column(name: "User", type: .string),
        Dataset.Column(name: "IngestionProperties", type: .string),
    ]

    private static func row(_ record: Record) -> [JSON] {
        let notification = record.notification
        let failure = notification.failure
        return [
            .string(notification.operationID), .string(notification.database), .string(notification.table),
            .string(notification.time.roundTripText), .string(notification.sourcePath), .string(failure?.details ?? ""),
            .string(failure?.failureStatus ?? ""), .string(notification.rootActivityID), "DataIngestPull", false,
            .string(failure?.code ?? ""), "aadapp=00000000-0000-0000-0000-0000000000ec;emulator", .bool(failure?.shouldRetry ?? false), "",
            .string(record.properties),
        ]
    }
}
