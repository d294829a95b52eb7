package import HTTPTransport
package import SpoolPrimitives

/// Writes and reads messages of queues that a SAS opens.
///
/// Errors are ``StorageError``; a cancelled task gets one whose cause is the transport's `cancelled`.
package struct QueueClient: Sendable {
    private let exchange: StorageExchange

    /// - Parameter transport: carries every call.
    package init(_ transport: any HTTPTransport) { exchange = StorageExchange(transport: transport) }

    /// What the service takes, after base64. A limit of the service's, counted in bytes.
    package static let longestText = 65_536

    /// Puts a message into the queue. Not idempotent: after an error whose ``StorageError/processing`` is not `surelyNot`, the message may
    /// be there, and putting it again makes two.
    ///
    /// Source: REST, Put Message.
    ///
    /// - Parameters:
    ///   - queue: with its SAS.
    ///   - text: written as it is, but for XML's own characters; base64 is the caller's.
    ///   - timeToLive: nil means the service's seven days.
    package func putMessage(
        queue: SecretURL, text: String, timeToLive: Duration? = nil, clientRequestID: ClientRequestID? = nil
    ) async throws(StorageError) -> StorageReply {
        var url = queue.appendingPath("messages")
        if let timeToLive { url = url.prefixingQuery("messagettl=\(timeToLive.components.seconds)") }
        guard text.utf8.count <= Self.longestText else {
            throw StorageError(
                operation: "POST \(url.withoutQuery)",
                refusedHere: "the message has \(text.utf8.count) bytes, and a queue takes \(Self.longestText)")
        }
        var body: [UInt8] = []
        body.reserveCapacity(text.utf8.count + 128)
        body += #"<?xml version="1.0" encoding="utf-8"?><QueueMessage><MessageText>"#.utf8
        XMLText.append(text, to: &body)
        body += "</MessageText></QueueMessage>".utf8
        var request = HTTPRequest(.post, url, headers: [HTTPHeader("Content-Type", "application/xml")], body: body)
        request.isRepeatable = false
        return StorageReply(try await exchange.send(request, clientRequestID: clientRequestID, success: 201))
    }

    /// Takes up to `max` messages and hides them from others for `visibility`. Source: REST, Get Messages.
    ///
    /// - Parameters:
    ///   - max: 1 to 32.
    ///   - visibility: a second to seven days, in whole seconds.
    package func getMessages(
        queue: SecretURL, max: Int, visibility: Duration, clientRequestID: ClientRequestID? = nil
    ) async throws(StorageError) -> [QueueMessage] {
        precondition((1...32).contains(max) && (1...604_800).contains(visibility.components.seconds))
        let url = queue.appendingPath("messages").prefixingQuery("numofmessages=\(max)&visibilitytimeout=\(visibility.components.seconds)")
        let response = try await exchange.send(HTTPRequest(.get, url), clientRequestID: clientRequestID, success: 200)
        var operation: String { "GET \(url.withoutQuery)" }
        let list: XMLElement
        do throws(XMLFault) {
            list = try XMLElement(document: response.body)
        } catch {
            throw StorageError(operation: operation, success: response, .unreadableReply("\(error)"))
        }
        guard list.name == "QueueMessagesList" else {
            throw StorageError(operation: operation, success: response, .unreadableReply("no QueueMessagesList"))
        }
        var messages: [QueueMessage] = []
        for element in list.children(named: "QueueMessage") {
            guard let message = QueueMessage(element) else {
                throw StorageError(operation: operation, success: response, .unreadableReply("a message without id or receipt"))
            }
            messages.append(message)
        }
        return messages
    }

    /// Deletes a message that this reader holds.
    ///
    /// A repeat of a deletion that worked is refused with `MessageNotFound`; a receipt that another reader's has replaced with
    /// `PopReceiptMismatch`. Source: REST, Delete Message.
    @discardableResult
    package func deleteMessage(
        queue: SecretURL, id: String, popReceipt: String, clientRequestID: ClientRequestID? = nil
    ) async throws(StorageError) -> StorageReply {
        let url = Self.message(id, of: queue).prefixingQuery("popreceipt=\(PercentEncoding.encode(popReceipt))")
        return StorageReply(try await exchange.send(HTTPRequest(.delete, url), clientRequestID: clientRequestID, success: 204))
    }

    /// Changes how long a message stays hidden, from now; zero shows it at once. Its text stays. Source: REST, Update Message.
    ///
    /// - Returns: the receipt that is good from now on.
    package func updateMessage(
        queue: SecretURL, id: String, popReceipt: String, visibility: Duration, clientRequestID: ClientRequestID? = nil
    ) async throws(StorageError) -> String {
        let url = Self.message(id, of: queue).prefixingQuery(
            "popreceipt=\(PercentEncoding.encode(popReceipt))&visibilitytimeout=\(visibility.components.seconds)")
        var request = HTTPRequest(.put, url)
        // The first try makes the receipt of a second one stale.
        request.isRepeatable = false
        let response = try await exchange.send(request, clientRequestID: clientRequestID, success: 204)
        guard let receipt = response.header("x-ms-popreceipt"), !receipt.isEmpty else {
            throw StorageError(operation: "PUT \(url.withoutQuery)", success: response, .unreadableReply("no x-ms-popreceipt"))
        }
        return receipt
    }

    /// About how many messages there are, hidden ones included; needs a SAS that may read. Source: REST, Get Queue Metadata.
    package func approximateMessageCount(
        queue: SecretURL, clientRequestID: ClientRequestID? = nil
    ) async throws(StorageError) -> Int {
        let url = queue.prefixingQuery("comp=metadata")
        let response = try await exchange.send(HTTPRequest(.get, url), clientRequestID: clientRequestID, success: 200)
        guard let count = response.header("x-ms-approximate-messages-count").flatMap({ Int($0) }), count >= 0 else {
            throw StorageError(
                operation: "GET \(url.withoutQuery)", success: response, .unreadableReply("no x-ms-approximate-messages-count"))
        }
        return count
    }

    private static func message(_ id: String, of queue: SecretURL) -> SecretURL {
        queue.appendingPath("messages/\(PercentEncoding.encode(id))")
    }
}
