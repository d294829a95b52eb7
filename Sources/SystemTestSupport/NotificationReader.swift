import AzureStorage
import CurlTransport
package import KustoEmulator
import KustoIngest
import KustoWire
import SpoolPrimitives
import SpoolTestSupport

/// Another client of the cluster: reads the notification queues, takes what is about its own sources, and puts the rest back, as a well-behaved program does.
package enum NotificationReader {
    /// Reads until it has a notification about each of these sources.
    ///
    /// - Returns: how often it came upon somebody else's.
    package static func read(_ sources: Set<String>, of emulator: Emulator, deadline: Duration = .seconds(60)) async throws -> Int {
        let transport = try CurlTransport()
        defer { transport.close() }
        let queues = try await queues(of: emulator, transport)
        let client = QueueClient(transport)
        let time = SystemTime()
        let end = time.monotonicNow + deadline
        var missing = sources
        var others = 0
        while !missing.isEmpty {
            if time.monotonicNow > end { throw TestSupportError("the reader missed \(missing.count) of \(sources.count) notifications") }
            for queue in queues {
                var left: [QueueMessage] = []
                while true {
                    let page = try await client.getMessages(queue: queue.url, max: 32, visibility: .seconds(30))
                    for message in page {
                        let notification = try IngestionNotification(queueText: message.text, from: .successes)
                        if let id = notification.sourceID, sources.contains(id) {
                            missing.remove(id)
                            try await client.deleteMessage(queue: queue.url, id: message.id, popReceipt: message.popReceipt)
                        } else {
                            left.append(message)
                        }
                    }
                    if page.count < 32 { break }
                }
                others += left.count
                for message in left {
                    _ = try await client.updateMessage(
                        queue: queue.url, id: message.id, popReceipt: message.popReceipt, visibility: .zero)
                }
            }
            // Its pace, not a wait for anybody.
            try await time.sleep(for: .milliseconds(200))
        }
        return others
    }

    private static func queues(of emulator: Emulator, _ transport: CurlTransport) async throws -> [StorageResource] {
        let token = Secret(emulator.configuration.staticToken ?? "")
        let management = ManagementClient(
            endpoint: try IngestEndpoint(configured: emulator.ingestURI), transport: transport,
            credential: AccessTokenSource(token: { token }, tokenRejected: { _ in }),
            client: ClientIdentity(application: "other", version: "0"))
        return try await management.fetchSnapshot(on: SystemTime()).notificationQueues
    }
}
