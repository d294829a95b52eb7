package import SpoolPrimitives

/// The body of a reply that is no success, in whichever form it came.
///
/// Source: the OneApi error format (reference: kusto-queued-ingestion §1.9). Texts are free of secrets.
package struct OneApiError: Sendable, Hashable {
    package enum Form: Sendable, Hashable {
        /// `{"error":{…}}`: the service itself.
        case service
        /// `{"message":"…"}`: something in front of the service.
        case gateway
        /// No JSON: an HTML page, a line of text.
        case text
        case empty
    }

    package var form: Form
    /// `BadRequest`, `General_InternalServerError`, or free text.
    package var code: String?
    /// The human text: `@message` before `message`.
    package var message: String?
    /// `@type`: the name of the service's exception.
    package var type: String?
    /// `@permanent`; nil where the body does not say.
    package var permanent: Bool?
    /// `@failureCode`.
    package var failureCode: Int64?
    /// `@context.activityId`: what support asks for.
    package var activityID: String?
    /// `@context.clientRequestId`.
    package var clientRequestID: String?
    /// `@context.timestamp`: when the service met the error.
    package var timestamp: Timestamp?

    /// Reads any body; there is none that it cannot.
    package init(decoding body: [UInt8]) {
        if body.allSatisfy({ $0 <= 0x20 }) {
            self.init(form: .empty)
            return
        }
        do {
            self.init(json: try JSONValue(parsing: body))
            if form == .text, message == nil { message = BodyExcerpt.of(body) }
        } catch {
            self.init(form: .text)
            message = BodyExcerpt.of(body)
        }
    }

    /// Reads the error out of a decoded body, `{"error":{…}}` or the inner object alone.
    package init(json: JSONValue) {
        guard json.members != nil else {
            self.init(form: .text)
            message = json.text.map(Self.clean)
            return
        }
        let error = json[ignoringCase: "error"]
        if let text = error?.text {
            self.init(form: .gateway)
            message = Self.clean(text)
            return
        }
        let inner = error?.members != nil ? error ?? json : json
        let isService = error != nil || inner["@message"] != nil || inner["@type"] != nil || inner["@permanent"] != nil
        self.init(form: isService ? .service : inner[ignoringCase: "message"] != nil ? .gateway : .text)
        code = inner[ignoringCase: "code"]?.text.map(Self.clean)
        message = (inner["@message"]?.text ?? inner[ignoringCase: "message"]?.text).map(Self.clean)
        type = inner["@type"]?.text.map(Self.clean)
        permanent = inner["@permanent"]?.flag
        failureCode = inner["@failureCode"]?.integer
        let context = inner["@context"]
        activityID = context?[ignoringCase: "activityId"]?.text.map(Self.clean)
        clientRequestID = context?[ignoringCase: "clientRequestId"]?.text.map(Self.clean)
        timestamp = context?[ignoringCase: "timestamp"]?.text.flatMap(Timestamp.init(iso8601:))
    }

    private init(form: Form) { self.form = form }

    /// Whether the command went to the engine instead of the data management endpoint (§1.1). Seen with `@permanent` false, yet no retry mends it.
    package var isWrongEndpoint: Bool { type?.contains("AdminCommandWrongEndpoint") ?? false }

    /// The `https://ingest-…` URL that the message names, if it does.
    package var namedEndpoint: String? {
        guard let message, let start = message.firstRange(of: "https://ingest-")?.lowerBound else { return nil }
        let url = message[start...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "-._~:/".contains($0)) }
        return String(url.reversed().drop { ".:/".contains($0) }.reversed())
    }

    /// Code and text in one line.
    package var summary: String {
        switch (code, message) {
        case (let code?, let message?): message.contains(code) ? message : "\(code): \(message)"
        case (let code?, nil): code
        case (nil, let message?): message
        case (nil, nil): form == .empty ? "no text" : type ?? "no text"
        }
    }

    /// Bounded and scrubbed, in one line: it goes to logs and to `status`.
    private static func clean(_ text: String) -> String {
        let scrubbed = SecretScrubber.scrub(text)
        let line = String(scrubbed.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        return line.count > 1000 ? line.prefix(1000) + "…" : line
    }
}
