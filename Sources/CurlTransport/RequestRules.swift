import HTTPTransport
import SpoolPrimitives

/// What is refused before libcurl sees it.
enum RequestRules {
    static func check(_ request: HTTPRequest) throws(HTTPTransportError) {
        if request.url.scheme != "https", !request.url.isLoopback {
            throw .notSent(
                request, .refusedHere,
                "plain http would show the request to the network; use https (http is for this machine's own address)")
        }
        if !request.body.isEmpty, request.method == .get || request.method == .head {
            throw .notSent(request, .refusedHere, "a \(request.method.rawValue) request carries no body")
        }
        guard isWritable(target: request.url) else {
            throw .notSent(
                request, .refusedHere,
                "the address holds characters that a request's first line does not allow, or its path does not begin with /")
        }
        for header in request.headers where !isWritable(header) {
            throw .notSent(request, .refusedHere, "the header \(printable(header.name)) holds characters that HTTP does not allow there")
        }
    }

    /// A line break in a header would begin another header, or another request.
    private static func isWritable(_ header: HTTPHeader) -> Bool {
        !header.name.isEmpty
            && allSatisfy(header.name) { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            && allSatisfy(header.text) { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }
    }

    /// libcurl writes it as it is. What a URL was made of was looked at; what was put behind it since, here.
    private static func isWritable(target url: SecretURL) -> Bool {
        (url.path.isEmpty || url.path.utf8.first == UInt8(ascii: "/")) && isWritable(part: url.path)
            && isWritable(part: url.query?.revealed ?? "")
    }

    private static func isWritable(part: String) -> Bool {
        allSatisfy(part) { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "#") }
    }

    /// Every header of every request is looked at: over its bytes, and not through a string's view.
    private static func allSatisfy(_ text: String, _ rule: (UInt8) -> Bool) -> Bool {
        var text = text
        return text.withUTF8 { text in
            // To the end: a loop that may stop early takes one byte at a time.
            var refused: UInt8 = 0
            for byte in text { refused |= rule(byte) ? 0 : 1 }
            return refused == 0
        }
    }

    private static func printable(_ name: String) -> String {
        String(decoding: name.utf8.prefix(40).map { $0 > 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}

extension HTTPHeader {
    /// The value, for the wire only.
    var text: String {
        switch value {
        case .plain(let text): text
        case .secret(let secret): secret.revealed
        }
    }
}

extension HTTPRequest {
    /// Method and address, without the query.
    var operation: String { "\(method.rawValue) \(url.withoutQuery)" }
}

extension HTTPTransportError {
    /// A failure before the first byte.
    static func notSent(_ request: HTTPRequest, _ reason: Reason, _ detail: String) -> HTTPTransportError {
        HTTPTransportError(reason: reason, processing: .surelyNot, operation: request.operation, detail: detail)
    }
}
