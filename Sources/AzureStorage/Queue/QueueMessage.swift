package import SpoolPrimitives

/// A message that this reader holds until `nextVisible`; then others see it again, unless it was deleted.
package struct QueueMessage: Sendable {
    /// Stays the same however often the message is handed out.
    package var id: String
    /// The key to deleting or hiding this message, good until another reader gets it.
    package var popReceipt: String
    /// As its writer sent it; Kusto's are base64.
    package var text: String
    /// When it was put, by the service's clock. Read when it is asked for, as the other two: nobody asks of every notification.
    package var inserted: Timestamp? { insertionTime.flatMap(Timestamp.init(httpDate:)) }
    /// When the service forgets it.
    package var expires: Timestamp? { expirationTime.flatMap(Timestamp.init(httpDate:)) }
    /// Until when it is hidden from others.
    package var nextVisible: Timestamp? { timeNextVisible.flatMap(Timestamp.init(httpDate:)) }
    /// How often it was handed out, this time included.
    package var dequeueCount: Int
    private let insertionTime: String?
    private let expirationTime: String?
    private let timeNextVisible: String?

    /// Nil without what is needed to delete it.
    init?(_ element: XMLElement) {
        guard let id = element["MessageId"]?.text, !id.isEmpty, let popReceipt = element["PopReceipt"]?.text, !popReceipt.isEmpty else {
            return nil
        }
        self.id = id
        self.popReceipt = popReceipt
        text = element["MessageText"]?.text ?? ""
        insertionTime = element["InsertionTime"]?.text
        expirationTime = element["ExpirationTime"]?.text
        timeNextVisible = element["TimeNextVisible"]?.text
        dequeueCount = (element["DequeueCount"]?.text).flatMap { Int($0) } ?? 1
    }
}
