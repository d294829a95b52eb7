extension Emulator {
    /// A blob as it lies in its container.
    package struct StoredBlob: Sendable {
        /// The account.
        package let account: String
        /// The container.
        package let container: String
        /// The name, decoded.
        package let name: String
        /// The content.
        package let bytes: [UInt8]
        /// `Content-MD5`, where it has one.
        package let md5: String?
    }

    /// A notification that is still in its queue.
    package struct WaitingNotification: Sendable {
        /// Whether it is in a queue of failures.
        package let isFailure: Bool
        /// Its JSON.
        package let json: JSON?
        /// How often it was received.
        package let dequeueCount: Int
    }

    /// The rows of a table in the order of their landing; empty for an unknown table. Blocks on SQLite.
    package func rows(_ database: String, _ table: String) throws -> [LandedRow] {
        try cloud.tables.rows(TableStore.Name(database: database, table: table))
    }

    /// How many rows have landed in a table (or were counted there).
    package func rowCount(_ database: String, _ table: String) -> Int {
        cloud.tables.rowCount(TableStore.Name(database: database, table: table))
    }

    /// How many rows have landed in all tables.
    package var totalRows: Int { cloud.tables.totalRows }

    /// The messages that the ingestor has taken, in order.
    package var receivedMessages: [ReceivedMessage] { cloud.log.received }

    /// What became of them, in order.
    package var outcomes: [Outcome] { cloud.log.outcomes }

    /// How many messages have come to an end, good or bad.
    package var outcomeCount: Int { cloud.log.outcomeCount }

    /// How many notifications have been sent.
    package var notificationCount: Int { cloud.notifications.sentCount }

    /// How many notifications never came: by a rule, or because there was no queue for them.
    package var lostNotificationCount: Int { cloud.notifications.lostCount }

    /// How many notifications rules keep back at this moment.
    package var delayedNotificationCount: Int { cloud.notifications.waitingCount }

    /// How many notifications of other clients' sources were put in.
    package var foreignNotificationCount: Int { cloud.notifications.foreignCount }

    /// Every blob there is, by account, container and name.
    package var blobs: [StoredBlob] {
        cloud.storage.all.flatMap { account in
            account.containers.sorted { $0.name < $1.name }.flatMap { container in
                container.names.compactMap { container.blob($0) }.map {
                    StoredBlob(account: account.name, container: container.name, name: $0.name, bytes: $0.bytes, md5: $0.md5)
                }
            }
        }
    }

    /// How many sources landed although another source of their window brought a tag that would have kept them out.
    package var tagRaces: Int { cloud.tagRace.landedTwice }

    /// The entities of the status tables, by account and key.
    package var statuses: [TableEntity] {
        cloud.storage.all.flatMap { account in account.table(TableEndpoint.statusTable)?.contents ?? [] }
    }

    /// What became of the statuses: written, lost with their table or signature, and written without an entity that was inserted before.
    package var statusCounts: (written: Int, lost: Int, unprepared: Int) {
        let counts = cloud.statuses.counts
        return (counts.written, counts.lost, counts.unprepared)
    }

    /// How many blobs there are.
    package var blobCount: Int { cloud.storage.all.flatMap(\.containers).reduce(0) { $0 + $1.count } }

    /// The notifications that nobody has deleted yet, hidden ones included, of old queues too.
    package var waitingNotifications: [WaitingNotification] {
        cloud.storage.all.flatMap(\.queues).filter { !IngestionResources.isIngestionQueue($0.name) }.flatMap { queue in
            queue.contents.map { message in
                WaitingNotification(
                    isFailure: queue.name.hasPrefix("failed"), json: Digests.bytes(base64: message.text).flatMap { JSON(parsing: $0) },
                    dequeueCount: message.dequeued)
            }
        }
    }

    /// How many messages are in the ingestion queues.
    package var waitingMessageCount: Int { cloud.resources.ingestionQueues.reduce(0) { $0 + $1.count } }

    /// The names of the accounts that exist, listed or not.
    package var accounts: [String] { cloud.storage.all.map(\.name) }

    /// Waits until a condition holds. It is looked at after every change: a request, a blob, a message, a batch, a notification.
    ///
    /// - Throws: `EmulatorTimeout` at the deadline, or when the emulator is stopped.
    package func wait(
        for what: String = "the condition", deadline: Duration = .seconds(60), until condition: @escaping @Sendable (Emulator) -> Bool
    ) async throws(EmulatorTimeout) {
        guard await cloud.hub.wait(deadline: deadline, until: { condition(self) }) else { throw EmulatorTimeout(awaited: what) }
    }

    /// Waits until so many rows have landed in a table.
    package func waitForRows(
        _ count: Int, _ database: String, _ table: String, deadline: Duration = .seconds(60)
    ) async throws(EmulatorTimeout) {
        try await wait(for: "\(count) rows in \(database).\(table)", deadline: deadline) { $0.rowCount(database, table) >= count }
    }

    /// Waits until so many messages have come to an end, good or bad.
    package func waitForOutcomes(_ count: Int, deadline: Duration = .seconds(60)) async throws(EmulatorTimeout) {
        try await wait(for: "\(count) outcomes", deadline: deadline) { $0.outcomeCount >= count }
    }
}

/// A wait that ended without what it waited for.
package struct EmulatorTimeout: Error, CustomStringConvertible {
    /// What it waited for.
    package let awaited: String

    package var description: String { "the emulator saw no \(awaited) in time" }
}

extension Emulator {
    /// The key of an account, for signatures of a test's own making; empty for an unknown account.
    package func accountKey(_ account: String) -> [UInt8] { cloud.storage.account(account)?.keys.current ?? [] }
}
