/// What every reply of storage wears: dates, identifiers, versions; and how its errors look.
struct StorageDressing: Sendable {
    let requestID: String
    let version: String
    let clientRequestID: String?
    let now: Moment
    let isHead: Bool
    let marksBytes: Bool

    init(_ request: Request, now: Moment, marksBytes: Bool) {
        requestID = Identifier.guid()
        version = request[header: "x-ms-version"] ?? request[query: "sv"] ?? "2019-12-12"
        clientRequestID = request[header: "x-ms-client-request-id"]
        self.now = now
        isHead = request.method == "HEAD"
        self.marksBytes = marksBytes
    }

    func dress(_ reply: Reply) -> Reply {
        var reply = reply
        reply.headers += [
            ("Server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0"), ("x-ms-request-id", requestID), ("x-ms-version", version),
            ("Date", now.rfc1123),
        ]
        if let clientRequestID { reply.headers.append(("x-ms-client-request-id", clientRequestID)) }
        return reply
    }

    /// The error as XML, with its code in a header too; a HEAD has nothing but the header.
    func reply(_ error: StorageError) -> Reply {
        let text = "\(error.message)\nRequestId:\(requestID)\nTime:\(now.roundTripText)"
        var document =
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>\(error.code)</Code><Message>\(XMLElement.escape(text))</Message>"
        for (name, value) in error.extras { document += "<\(name)>\(XMLElement.escape(value))</\(name)>" }
        var reply = Reply.xml(error.status, document + "</Error>", mark: marksBytes)
        // The reason phrase is the message itself: parsers of status lines have to bear it.
        reply.reason = error.message
        reply.headers.append(("x-ms-error-code", error.code))
        if isHead {
            reply.announcedLength = 0
            reply.headers.removeAll { $0.name == "Content-Type" }
        }
        return reply
    }
}
