import NIOCore

/// The queue service over REST, authorized by SAS alone.
struct QueueEndpoint: Sendable {
    let cloud: Cloud

    static let maximumText = 65_536
    private static let week = 7 * 86_400

    func answer(_ request: Request, _ address: Route.QueueAddress) throws(StorageError) -> Reply {
        guard let account = cloud.storage.account(address.account) else { throw .resourceNotFound }
        let operation = Route.queue(address).endpoint(request)
        let permission =
            switch operation {
            case .queuePut: "a"
            case .queueGet, .queueDelete: "p"
            case .queueUpdate: "u"
            default: "r"
            }
        let check = SignatureCheck(account: account, now: cloud.clock.now, secure: request.secure, address: request.address)
        if let error = check.judge(request.query, SignatureCheck.Need(resource: .queue(address.queue), permissions: permission)) {
            throw error
        }
        guard let queue = account.queue(address.queue) else { throw .queueNotFound }
        switch operation {
        case .queuePut: return try put(request, queue)
        case .queueGet, .queuePeek: return try get(request, queue, isPeek: operation == .queuePeek)
        case .queueDelete:
            try queue.delete(address.messageID ?? "", receipt: try receipt(request))
            cloud.hub.changed()
            return .empty(204)
        case .queueUpdate: return try update(request, queue, address.messageID ?? "")
        case .queueMetadata:
            guard request[query: "comp"] == "metadata" else { throw .notImplemented }
            return Reply(status: 200, headers: [("x-ms-approximate-messages-count", String(queue.count))])
        default: throw .notImplemented
        }
    }

    private func put(_ request: Request, _ queue: MessageQueue) throws(StorageError) -> Reply {
        guard request[header: "Content-Length"] != nil else { throw .missingContentLength }
        let text = try messageText(request)
        let hidden = try number(request, "visibilitytimeout", 0...Self.week) ?? 0
        let lifetime: Int?
        switch request[query: "messagettl"] {
        case nil: lifetime = Self.week
        case "-1": lifetime = nil
        case .some: lifetime = try number(request, "messagettl", 1...Int(Int32.max))
        }
        if let lifetime, hidden >= lifetime { throw .outOfRange("visibilitytimeout", String(hidden), 0...(lifetime - 1)) }
        let message = queue.put(text, hiddenFor: .seconds(hidden), lifetime: lifetime.map { .seconds($0) })
        cloud.messageArrived(queue)
        return document(201, [message]) { message in
            Self.times(message) + Self.element("PopReceipt", message.receipt) + Self.element("TimeNextVisible", message.visible.rfc1123)
        }
    }

    private func get(_ request: Request, _ queue: MessageQueue, isPeek: Bool) throws(StorageError) -> Reply {
        let limit = try number(request, "numofmessages", 1...32) ?? 1
        if isPeek {
            return document(200, queue.peek(limit)) { message in
                Self.times(message) + Self.element("DequeueCount", String(message.dequeued)) + Self.element("MessageText", message.text)
            }
        }
        let hidden = try number(request, "visibilitytimeout", 1...Self.week) ?? 30
        return document(200, queue.get(limit, hidingFor: .seconds(hidden))) { message in
            Self.times(message) + Self.element("PopReceipt", message.receipt) + Self.element("TimeNextVisible", message.visible.rfc1123)
                + Self.element("DequeueCount", String(message.dequeued)) + Self.element("MessageText", message.text)
        }
    }

    private func update(_ request: Request, _ queue: MessageQueue, _ id: String) throws(StorageError) -> Reply {
        let receipt = try receipt(request)
        guard let hidden = try number(request, "visibilitytimeout", 0...Self.week) else { throw .missingParameter("visibilitytimeout") }
        let text = request.body.readableBytes > 0 ? try messageText(request) : nil
        let message = try queue.update(id, receipt: receipt, hiddenFor: .seconds(hidden), text: text)
        return Reply(
            status: 204, headers: [("x-ms-popreceipt", message.receipt), ("x-ms-time-next-visible", message.visible.rfc1123)])
    }

    private func receipt(_ request: Request) throws(StorageError) -> String {
        guard let receipt = request[query: "popreceipt"] else { throw .missingParameter("popreceipt") }
        return receipt
    }

    private func messageText(_ request: Request) throws(StorageError) -> String {
        let root: XMLElement
        do { root = try XMLReader.read(request.bodyBytes) } catch { throw .invalidXML }
        guard root.name == "QueueMessage", let text = root.child("MessageText")?.text else { throw .invalidXML }
        guard text.utf8.count <= Self.maximumText else { throw .messageTooLarge }
        return text
    }

    private func number(_ request: Request, _ name: String, _ range: ClosedRange<Int>) throws(StorageError) -> Int? {
        guard let text = request[query: name] else { return nil }
        guard let number = Int(text) else { throw .invalidParameter(name, text) }
        guard range.contains(number) else { throw .outOfRange(name, text, range) }
        return number
    }

    private func document(_ status: Int, _ messages: [QueueMessage], _ body: (QueueMessage) -> String) -> Reply {
        var text = "<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList>"
        for message in messages { text += "<QueueMessage>" + body(message) + "</QueueMessage>" }
        return .xml(status, text + "</QueueMessagesList>", mark: cloud.configuration.writesByteOrderMark)
    }

    private static func times(_ message: QueueMessage) -> String {
        element("MessageId", message.id) + element("InsertionTime", message.inserted.rfc1123)
            + element("ExpirationTime", message.expires?.rfc1123 ?? "Fri, 31 Dec 9999 23:59:59 GMT")
    }

    private static func element(_ name: String, _ text: String) -> String { "<\(name)>\(XMLElement.escape(text))</\(name)>" }
}
