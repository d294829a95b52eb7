package import SpoolPrimitives

/// A message that this reader holds until `nextVisible`; then others see it again, unless it was deleted.
package struct QueueMessage: Sendable {
    /// Stays the same however often the message is handed out.
    package var id: String
    /// The key to deleting or hiding this message, good until another reader gets it.
    package var popReceipt: String
    /// As its writer sent it; Kusto's are base64.
    package var text: String
    /// When it was put, by the service's clock.
    package var inserted: Timestamp?
    /// When the service forgets it.
    package var expires: Timestamp?
    /// Until when it is hidden from others.
    package var nextVisible: Timestamp?
    /// How often it was handed out, this time included.
    package var dequeueCount: Int

    /// Nil without what is needed to delete it.
    init?(_ element: XMLElement) {
        guard let id = element["MessageId"]?.text, !id.isEmpty, let popReceipt = element["PopReceipt"]?.text, !popReceipt.isEmpty else {
            return nil
        }
        self.id = id
        self.popReceipt = popReceipt
        text = element["MessageText"]?.text ?? ""
        inserted = (element["InsertionTime"]?.text).flatMap(Timestamp.init(httpDate:))
        expires = (element["ExpirationTime"]?.text).flatMap(Timestamp.init(httpDate:))
        nextVisible = (element["TimeNextVisible"]?.text).flatMap(Timestamp.init(httpDate:))
        dequeueCount = (element["DequeueCount"]?.text).flatMap { Int($0) } ?? 1
    }
}
