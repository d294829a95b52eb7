import KustoWire
import SpoolPrimitives

/// The text of a queue message that should be a notification; its first byte chooses the queue.
enum NotificationInput {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        let queue: IngestionNotification.Queue = (bytes.first ?? 0) & 1 == 0 ? .failures : .successes
        let message = Array(bytes.dropFirst())
        let text = String(decoding: message, as: UTF8.self)
        try expectPresentable(
            IngestionNotification.scrubbedText(ofMessage: text), atMost: 64 + text.utf8.count * 16, "the text of what is no notification")
        let notification: IngestionNotification
        do throws(IngestionNotificationError) {
            notification = try IngestionNotification(queueText: text, from: queue)
        } catch {
            return try expectPresentable("\(error)", atMost: 4096, "the refusal of a notification")
        }
        try checkTexts(notification, size: text.utf8.count)
        // The journal keeps it, and it is the same notification there.
        let kept = decode(notification.scrubbedJSON, queue)
        try expect(kept != nil, "what the journal keeps is no notification: \(notification.scrubbedJSON)")
        try expect(kept?.sourceID == notification.sourceID, "what the journal keeps is about another source")
        try expect(kept.map { isFailure($0) } == isFailure(notification), "what the journal keeps has another outcome")
        let encoded = Base64.encode(Array(text.utf8))
        if encoded.utf8.count <= IngestionNotification.maximumSize.bytes, text.utf8.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
            try expect(decode(encoded, queue) == notification, "Base64 of it is another notification")
        }
    }

    private static func checkTexts(_ notification: IngestionNotification, size: Int) throws(Violation) {
        let limit = 64 + size * 16
        try expectPresentable(notification.scrubbedJSON, atMost: limit, "what the journal keeps")
        var texts = [
            notification.sourceID, notification.sourcePath, notification.database, notification.table, notification.operationID,
            notification.rootActivityID,
        ]
        if case .failure(let failure) = notification.outcome { texts += [failure.details, "\(failure.errorCode)"] }
        for text in texts { if let text { try expectPresentable(text, atMost: limit, "a field of a notification") } }
    }

    private static func isFailure(_ notification: IngestionNotification) -> Bool {
        if case .failure = notification.outcome { true } else { false }
    }

    private static func decode(_ text: String, _ queue: IngestionNotification.Queue) -> IngestionNotification? {
        do throws(IngestionNotificationError) { return try IngestionNotification(queueText: text, from: queue) } catch { return nil }
    }
}
